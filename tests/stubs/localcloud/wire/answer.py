"""Answers and refusals as bodies: JSON, and the XML that older clients ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    from localcloud.errors import ApiError

Format = Literal["JSON", "XML"]

_XML_HEAD = "<?xml version='1.0' encoding='UTF-8' ?>"
# XML 1.0 has no way to write these, and a command's output may hold them.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def succeeded(action: str, body: Mapping[str, Any], form: Format, *, delay_s: float = 0.0) -> HttpResponse:
    """Make a 200 with the body in the form asked for."""
    if form == "XML":
        return _xml(200, f"{action}Response", body, delay_s)
    return _json(200, body, delay_s)


def too_long() -> HttpResponse:
    """Make the front server's own page for an address that is too long: HTML, for no product has seen it."""
    page = "<html><head><title>414 Request-URI Too Large</title></head></html>"
    return HttpResponse(414, page.encode(), {"content-type": "text/html"})


def page(status: int, *, delay_s: float = 0.0) -> HttpResponse:
    """Make a front server's page where an answer was expected."""
    text = f"<html><head><title>{status}</title></head><body>Sorry, the page cannot be shown.</body></html>"
    return HttpResponse(status, text.encode(), {"content-type": "text/html"}, delay_s)


def refused(error: ApiError, named: Mapping[str, str], form: Format, *, delay_s: float = 0.0) -> HttpResponse:
    """Make an error body in the gateway's form."""
    body = {
        **named,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={error.code}&requestId={named['RequestId']}",
    }
    if form == "XML":
        return _xml(error.status, "Error", body, delay_s)
    return _json(error.status, body, delay_s)


# Function Compute has a table of its own for what the other products call differently.
_FUNCTION_COMPUTE: Mapping[str, tuple[int, str]] = {
    "SignatureDoesNotMatch": (403, "SignatureNotMatch"),
    "InvalidAccessKeyId.NotFound": (403, "InvalidAccessKeyID"),
    "InvalidAccessKeyId.Inactive": (403, "InvalidAccessKeyID"),
    "MissingAuthorization": (400, "MissingRequiredHeader"),
    "MissingX-Acs-Date": (400, "MissingRequiredHeader"),
    "MissingX-Acs-Signature-Nonce": (400, "MissingRequiredHeader"),
    "MissingX-Acs-Content-Sha256": (400, "MissingRequiredHeader"),
    "Forbidden.RAM": (403, "AccessDenied"),
    "Throttling": (429, "ResourceExhausted"),
    "Throttling.User": (429, "ResourceExhausted"),
    "Throttling.Api": (429, "ResourceExhausted"),
    "ServiceUnavailable": (503, "ResourceThrottled"),
    "InternalError": (500, "InternalServerError"),
}


def refused_by_functions(error: ApiError, request_id: str) -> HttpResponse:
    """Make Function Compute's refusal of a request that did not come as far as a function."""
    status, code = _FUNCTION_COMPUTE.get(error.code, (error.status, error.code))
    # Both spellings: FC 2.0's clients read the first pair, FC 3.0's the second.
    body = {
        "ErrorCode": code,
        "ErrorMessage": error.message,
        "Code": code,
        "Message": error.message,
        "RequestId": request_id,
    }
    headers = {"content-type": "application/json", "x-fc-request-id": request_id}
    return HttpResponse(status, json.dumps(body).encode(), headers)


def _json(status: int, body: Mapping[str, Any], delay_s: float) -> HttpResponse:
    return HttpResponse(status, _encode(body).encode(), _headers("application/json", body), delay_s)


def _xml(status: int, root: str, body: Mapping[str, Any], delay_s: float) -> HttpResponse:
    text = f"{_XML_HEAD}<{root}>{_elements(body)}</{root}>"
    return HttpResponse(status, text.encode(), _headers("text/xml", body), delay_s)


def _headers(content_type: str, body: Mapping[str, Any]) -> dict[str, str]:
    return {"content-type": f"{content_type};charset=utf-8", "x-acs-request-id": body["RequestId"]}


def _elements(body: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in body.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    return f"<{name}>{escape(_NOT_IN_XML.sub('', str(value)))}</{name}>"
