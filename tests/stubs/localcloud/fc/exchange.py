"""One request to Function Compute with its path taken apart, and the forms of answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs

from localcloud.fc.errors import FcError
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from localcloud.wire.http import HttpRequest

V3: Final = "/2023-03-30"
V2: Final = "/(?:2016-08-15|2021-04-06)"
LATEST: Final = "LATEST"


@dataclass(frozen=True, slots=True)
class Call:
    """One request with its path taken apart. `service` is empty on 3.0."""

    request: HttpRequest
    function: str = ""
    service: str = ""
    qualifier: str = ""
    item: str = ""

    def option(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return parse_qs(self.request.query).get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """Return a query parameter that is a number."""
        text = self.option(name) or str(default)
        if not text.isdigit():
            raise FcError(400, "InvalidArgument", f"{name} is '{text}', it must be a number")
        return int(text)

    def header(self, name: str, default: str = "") -> str:
        """Return a header."""
        return self.request.headers.get(name, default)

    @property
    def asked(self) -> str:
        """The qualifier that the request names, LATEST where it names none."""
        return self.qualifier or self.option("qualifier") or LATEST

    def body(self) -> dict[str, Any]:
        """Return the JSON object that was sent; none at all is an empty one."""
        try:
            found = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise FcError(400, "InvalidArgument", f"the body is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise FcError(400, "InvalidArgument", "the body must be a JSON object")
        return found

    def page(self, name: str, rows: list[dict[str, Any]]) -> HttpResponse:
        """Answer with the rows that the limit and the token ask for."""
        start, limit = self.number("nextToken", 0), self.number("limit", 100) or 1
        more = {"nextToken": str(start + limit)} if start + limit < len(rows) else {}
        return answer({name: rows[start : start + limit], **more})


class Route(NamedTuple):
    """Which requests an action answers; `action` is what RAM calls it."""

    method: str
    path: re.Pattern[str]
    action: str
    reply: Callable[[Call], HttpResponse]


def answer(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Return an answer in JSON."""
    return HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json"})


def nothing() -> HttpResponse:
    """Return the answer of what was removed."""
    return HttpResponse(204)
