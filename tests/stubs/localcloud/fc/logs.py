"""As much of Simple Log Service as deploying tools use: a place for logs, and what the functions wrote there.

A function writes where its `logConfig` says; `localcloud log` shows what functions without one wrote as well.
"""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.exchange import answer
from localcloud.wire.encoding import query_pairs
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    from localcloud.fc.journal import JournalEntry
    from localcloud.fc.service import FunctionService
    from localcloud.wire.http import HttpRequest

# Of a project, or of a region: a project that is to be made has no host yet.
_HOST: Final = re.compile(
    r"((?P<project>[a-z0-9][a-z0-9-]*)\.)?[a-z]{2}-[a-z0-9-]+\.log\.aliyuncs\.com(:\d+)?"
)
# Method and path, without and with a query, to what RAM calls it.
_ACTIONS: Final = (
    (re.compile(r"GET /"), "GetProject"),
    (re.compile(r"POST /"), "CreateProject"),
    (re.compile(r"POST /logstores"), "CreateLogStore"),
    (re.compile(r"GET /logstores/[^/]+"), "GetLogStore"),
    (re.compile(r"GET /logstores/[^/]+/index"), "GetIndex"),
    (re.compile(r"POST /logstores/[^/]+/index"), "CreateIndex"),
)
_READ_LOGS: Final = "log:GetLogStoreLogs"
_MOST_ROWS: Final = 100
_INDEX: Final = re.compile(r"/logstores/(?P<logstore>[^/]+)/index")
_STORE: Final = re.compile(r"/logstores/(?P<logstore>[^/]+)")


def project_of(request: HttpRequest) -> str:
    """Return the project that the host's name names, empty where it names none."""
    match = _HOST.fullmatch(request.headers.get("host", "").lower())
    return (match["project"] or "") if match else ""


def wants(request: HttpRequest) -> bool:
    """Whether the request is one for the log service."""
    return _HOST.fullmatch(request.headers.get("host", "").lower()) is not None


def action_of(request: HttpRequest) -> str:
    """Return what RAM calls the request; what is not answered has no name."""
    asked = f"{request.method} {request.path or '/'}"
    if request.query:
        return _READ_LOGS if asked.startswith("GET /logstores/") and not _INDEX.search(request.path) else ""
    return next((f"log:{name}" for form, name in _ACTIONS if form.fullmatch(asked)), "")


def resource_of(request: HttpRequest) -> str:
    """Return the ARN of the project or of the logstore."""
    project = project_of(request) or str(_body(request).get("projectName") or "*")
    found = _INDEX.fullmatch(request.path) or _STORE.fullmatch(request.path)
    below = f"/logstore/{found['logstore']}" if found else ""
    return f"acs:log:*:*:project/{project}{below}"


class LogService:
    """Projects, their logstores, whether these have an index, and what functions wrote into them."""

    def __init__(self, service: FunctionService) -> None:
        """Start without a project; the functions are those of this service."""
        self._service = service
        self._projects: dict[str, dict[str, bool]] = {}
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        with self._lock:
            return self._answered(request, project_of(request))

    def _answered(self, request: HttpRequest, project: str) -> HttpResponse:
        making = request.method == "POST"
        index, store = _INDEX.fullmatch(request.path), _STORE.fullmatch(request.path)
        action = action_of(request)
        if not action:
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
        if (index or action == _READ_LOGS) and not stores[name]:
            return _refused("IndexConfigNotExist", f"logstore {name} has no index")
        if action == _READ_LOGS:
            return self._logs(request, project, name)
        return answer({"projectName": project, "logstoreName": name, "status": "Normal"})

    def _logs(self, request: HttpRequest, project: str, store: str) -> HttpResponse:
        """Answer GetLogs: rows of the time that is asked for, of a topic, in pages of at most a hundred."""
        asked = dict(query_pairs(request.query))
        start, end = (float(asked.get(name) or 0) for name in ("from", "to"))
        rows = [
            row
            for entry in self._service.journal.after(0)
            if start <= entry.time < end and self._writes(entry, project, store)
            for row in _rows(entry)
            if asked.get("topic") in {None, "", row["__topic__"]}
        ]
        if asked.get("reverse") == "true":
            rows.reverse()
        first, most = int(asked.get("offset") or 0), int(asked.get("line") or _MOST_ROWS)
        page = rows[first : first + min(most, _MOST_ROWS)]
        told = {"x-log-progress": "Complete", "x-log-count": str(len(page))}
        body = json.dumps(page).encode()
        return HttpResponse(200, body, {"content-type": "application/json", **told})

    def _writes(self, entry: JournalEntry, project: str, store: str) -> bool:
        """Whether an entry is the log of a function that writes there."""
        name = entry.fields.get("function", "")
        if not entry.fields.get("log") or not self._service.registry.has(name):
            return False
        config = self._service.registry.get(name).config.described.get("logConfig") or {}
        return (config.get("project"), config.get("logstore")) == (project, store)


def _rows(entry: JournalEntry) -> list[dict[str, str]]:
    """Return the lines of one call's log, with the fields that Function Compute writes beside them."""
    fields = entry.fields
    beside = {
        "__time__": str(int(entry.time)),
        "__topic__": f"FCLogs:{fields['function']}",
        "functionName": fields["function"],
        "requestId": fields["request_id"],
        "instanceID": fields["instance_id"],
    }
    return [{**beside, "message": line} for line in fields["log"].splitlines()]


def _body(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body or b"{}")
    return found


def _refused(code: str, message: str) -> HttpResponse:
    return answer({"errorCode": code, "errorMessage": message}, 404)
