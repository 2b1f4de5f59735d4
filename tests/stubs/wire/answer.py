"""Answers and refusals as bodies: JSON, and the XML that older clients ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

from tests.stubs.wire.http import HttpResponse

if TYPE_CHECKING:
    from tests.stubs.errors import ApiError

Format = Literal["JSON", "XML"]

_XML_HEAD = "<?xml version='1.0' encoding='UTF-8' ?>"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def succeeded(action: str, body: Mapping[str, Any], form: Format, *, delay_s: float = 0.0) -> HttpResponse:
    """Make a 200 with the body in the form asked for."""
    if form == "XML":
        return _xml(200, f"{action}Response", body, delay_s)
    return _json(200, body, delay_s)


def refused(
    error: ApiError, request_id: str, host: str, form: Format, *, delay_s: float = 0.0
) -> HttpResponse:
    """Make an error body in the gateway's form."""
    body = {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={error.code}&requestId={request_id}",
    }
    if form == "XML":
        return _xml(error.status, "Error", body, delay_s)
    return _json(error.status, body, delay_s)


def _json(status: int, body: Mapping[str, Any], delay_s: float) -> HttpResponse:
    headers = {"content-type": "application/json;charset=utf-8"}
    return HttpResponse(status, _encode(body).encode(), headers, delay_s)


def _xml(status: int, root: str, body: Mapping[str, Any], delay_s: float) -> HttpResponse:
    text = f"{_XML_HEAD}<{root}>{_elements(body)}</{root}>"
    return HttpResponse(status, text.encode(), {"content-type": "text/xml;charset=utf-8"}, delay_s)


def _elements(body: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in body.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
