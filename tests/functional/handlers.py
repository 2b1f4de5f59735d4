"""The real handlers in a process of their own, with the real SDKs, over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from localcloud import MockCloud
    from multieip.ports import Json

ROOT = Path(__file__).parents[2]
DRIVER = """
import json, runpy, sys
from types import SimpleNamespace
name, event = sys.argv[1:]
handler = runpy.run_path(f"functions/{name}/index.py")["handler"]
limit = {"react": 60, "bind": 600, "sweep": 900}[name]
context = SimpleNamespace(request_id="1-request", function=SimpleNamespace(timeout=limit))
try:
    print(handler(event.encode(), context))
except Exception as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error)}))
"""


@dataclass
class Functions:
    """Runs handlers as a function of a role that may do everything, and keeps what they start and say."""

    local: MockCloud
    started: list[tuple[str, str, Json]] = field(default_factory=list)
    status: int = 202
    code: str = "AccessDenied"
    settings: dict[str, str] = field(default_factory=dict)
    said: list[Json] = field(default_factory=list)

    def __call__(self, name: str, event: object) -> Json:
        """Call one handler with one event; its answer, or the error that it raised."""
        key, secret, token = self.local.cloud.issue_credentials(
            "acs:ram::1234567890123456:role/multi-eip", "s"
        )
        environ = {
            "PYTHONPATH": "shared",
            "FC_REGION": "cn-shanghai",
            "FC_ACCOUNT_ID": "1234567890123456",
            "MULTI_EIP_ENDPOINT": self.local.endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": token,
            **self.settings,
        }
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, name, json.dumps(event)],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        self.said += [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        answer: Json = json.loads(done.stdout)
        return answer

    def function_compute(self, request: HttpRequest) -> HttpResponse:
        """Stand in for FC 3.0's invocation API."""
        task = request.headers["x-fc-async-task-id"]
        if self.status == 202:
            self.started.append((request.path, task, json.loads(request.body)))
        return HttpResponse(self.status, json.dumps({"Code": self.code, "Message": "no"}).encode(), {})
