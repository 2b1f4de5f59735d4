"""What a deployment asks of other services than Function Compute: a place for logs, and roles of EventBridge.

As the deploying component does it: it looks for what `logConfig: auto` and triggers of EventBridge need, and
makes what is missing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from localcloud.fc.errors import FcError
from localcloud.wire import signature
from localcloud.wire.http import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from localcloud.fc.remote import Remote

AUTO_STORE: Final = "default-logs"
LINKED: Final = "sendevent-fc.eventbridge.aliyuncs.com"
"""The service whose role lets EventBridge call functions."""

_PAGE: Final = 100
_MISSING: Final = 404


def auto_project(region: str) -> str:
    """Return the project that `logConfig: auto` stands for, one for a region."""
    return f"serverless-{region}"


class Beside:
    """The other services, with the keys of the environment."""

    def __init__(self, remote: Remote, region: str) -> None:
        """Log Service has a host for each project, which the region is a part of."""
        self._remote = remote
        self._region = region

    def place_for_logs(self, project: str, store: str) -> Iterator[str]:
        """Make the project, the logstore and its index where they are missing; yields what was made."""
        index = {"line": {"token": [" ", ","], "caseSensitive": False}}
        steps: Sequence[tuple[str, str, str, Mapping[str, Any]]] = (
            ("/", "/", f"project {project}", {"projectName": project, "description": ""}),
            (
                f"/logstores/{store}",
                "/logstores",
                f"logstore {project}/{store}",
                {"logstoreName": store, "ttl": 30, "shardCount": 1},
            ),
            (
                f"/logstores/{store}/index",
                f"/logstores/{store}/index",
                f"index of {project}/{store}",
                index,
            ),
        )
        for look, make, name, fields in steps:
            if not self._is_there(project, look):
                self._log(project, "POST", make, fields)
                yield f"{name} created"

    def lines(self, project: str, store: str, function: str) -> Iterator[str]:
        """Yield what a function wrote, the oldest first."""
        asked = {
            "type": "log",
            "from": "0",
            "to": str(int(time.time()) + 60),
            "topic": f"FCLogs:{function}",
            "line": str(_PAGE),
        }
        first = 0
        while True:
            query = {**asked, "offset": str(first)}
            rows = json.loads(self._log(project, "GET", f"/logstores/{store}", query=query))
            yield from (str(row["message"]) for row in rows)
            if len(rows) < _PAGE:
                return
            first += len(rows)

    def linked_role(self) -> Iterator[str]:
        """Make the role that EventBridge calls functions with, once for an account."""
        asked = {"ServiceName": LINKED}
        version = "2020-03-31"
        if not self._remote.rpc(version, "CheckServiceLinkedRoleExistence", asked)["Exists"]:
            self._remote.rpc(version, "CreateServiceLinkedRole", asked)
            yield f"role of {LINKED} created"

    def _is_there(self, project: str, path: str) -> bool:
        try:
            self._log(project, "GET", path)
        except FcError as error:
            if error.status != _MISSING:
                raise
            return False
        return True

    def _log(
        self,
        project: str,
        method: str,
        path: str,
        fields: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> bytes:
        body = b"" if fields is None else json.dumps(fields).encode()
        digest = hashlib.md5(body, usedforsecurity=False)
        headers = {
            "host": f"{project}.{self._region}.log.aliyuncs.com",
            "date": formatdate(usegmt=True),
            "content-type": "application/json",
            "x-log-apiversion": "0.6.0",
            "x-log-bodyrawsize": str(len(body)),
            "x-log-signaturemethod": "hmac-sha1",
            **({"content-md5": base64.b16encode(digest.digest()).decode()} if body else {}),
            **({"x-acs-security-token": self._remote.token} if self._remote.token else {}),
        }
        request = HttpRequest(method, path, urlencode(query or {}), headers, body)
        signed = signature.roa_signature(self._remote.secret, signature.log_string(request))
        return self._remote.send(request, {**headers, "authorization": f"LOG {self._remote.key_id}:{signed}"})
