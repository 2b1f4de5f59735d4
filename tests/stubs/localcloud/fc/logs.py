"""As much of Simple Log Service as a deployment with `logConfig: auto` asks for: a place for logs.

No log is kept there: `localcloud log` shows what the functions wrote.
"""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.exchange import answer

if TYPE_CHECKING:
    from localcloud.wire.http import HttpRequest, HttpResponse

# Of a project, or of a region: a project that is to be made has no host yet.
_HOST: Final = re.compile(
    r"((?P<project>[a-z0-9][a-z0-9-]*)\.)?[a-z]{2}-[a-z0-9-]+\.log\.aliyuncs\.com(:\d+)?"
)
_ANSWERED: Final = re.compile(
    r"(GET|POST) /|POST /logstores|GET /logstores/[^/]+|(GET|POST) /logstores/[^/]+/index"
)
_INDEX: Final = re.compile(r"/logstores/(?P<logstore>[^/]+)/index")
_STORE: Final = re.compile(r"/logstores/(?P<logstore>[^/]+)")


def project_of(request: HttpRequest) -> str:
    """Return the project that the host's name names, empty where it names none."""
    match = _HOST.fullmatch(request.headers.get("host", "").lower())
    return (match["project"] or "") if match else ""


def wants(request: HttpRequest) -> bool:
    """Whether the request is one for the log service."""
    return _HOST.fullmatch(request.headers.get("host", "").lower()) is not None


class LogService:
    """Projects, their logstores and whether these have an index."""

    def __init__(self) -> None:
        """Start empty."""
        self._projects: dict[str, dict[str, bool]] = {}
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        with self._lock:
            return self._answered(request, project_of(request))

    def _answered(self, request: HttpRequest, project: str) -> HttpResponse:
        making = request.method == "POST"
        index, store = _INDEX.fullmatch(request.path), _STORE.fullmatch(request.path)
        if request.query or not _ANSWERED.fullmatch(f"{request.method} {request.path or '/'}"):
            return _refused("NotSupported", f"{request.method} {request.path} is not answered here")
        if request.path in {"", "/"} and making:
            project = str(_body(request).get("projectName") or project)
            self._projects.setdefault(project, {})
        stores = self._projects.get(project)
        if stores is None:
            return _refused("ProjectNotExist", f"The Project does not exist : {project}")
        if request.path == "/logstores" and making:
            stores.setdefault(str(_body(request).get("logstoreName")), False)
        name = (index or store or {"logstore": ""})["logstore"]
        if name and name not in stores:
            return _refused("LogStoreNotExist", f"logstore {name} does not exist")
        if index and making:
            stores[name] = True
        if index and not stores[name]:
            return _refused("IndexConfigNotExist", f"logstore {name} has no index")
        return answer({"projectName": project, "logstoreName": name, "status": "Normal"})


def _body(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body or b"{}")
    return found


def _refused(code: str, message: str) -> HttpResponse:
    return answer({"errorCode": code, "errorMessage": message}, 404)
