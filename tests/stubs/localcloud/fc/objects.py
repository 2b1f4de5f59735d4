"""The object store that code is uploaded to: as much of OSS as the deploying tools use."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from localcloud.fc.errors import FcError
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    from localcloud.wire.http import HttpRequest

# The bucket stands in the host's name, or first in the path where the host is an address.
_HOST: Final = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9-]+)\.oss-[a-z0-9-]+\.aliyuncs\.com(?::\d+)?")
_MOST_BYTES: Final = 500 * 1024 * 1024


def bucket_of(request: HttpRequest) -> str:
    """Return the bucket that the host's name names, empty where it names none."""
    match = _HOST.fullmatch(request.headers.get("host", "").lower())
    return match["bucket"] if match else ""


def wants(request: HttpRequest) -> bool:
    """Whether the request is one for the object store: by its host, or by the form of its signature."""
    by_header = request.headers.get("authorization", "").startswith("OSS ")
    return bool(bucket_of(request)) or by_header or "OSSAccessKeyId=" in request.query


def action_of(request: HttpRequest) -> str:
    """Return what RAM calls the request."""
    return "oss:PutObject" if request.method == "PUT" else "oss:GetObject"


def resource_of(request: HttpRequest) -> str:
    """Return the ARN of the object."""
    return f"acs:oss:*:*:{_name(request)}"


def _name(request: HttpRequest) -> str:
    """Return bucket and object; some clients escape the slashes of its name."""
    bucket, path = bucket_of(request), unquote(request.path).lstrip("/")
    return f"{bucket}/{path}" if bucket else path


class ObjectStore:
    """Objects in memory, whole ones only."""

    def __init__(self) -> None:
        """Start empty."""
        self._objects: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        name = _name(request)
        if request.method == "PUT":
            if len(request.body) > _MOST_BYTES:
                return _refused(400, "EntityTooLarge")
            with self._lock:
                self._objects[name] = request.body
            # OSS's ETag is the MD5 of the object; clients compare it.
            digest = hashlib.md5(request.body, usedforsecurity=False).hexdigest().upper()
            return HttpResponse(
                200, b"", {"etag": f'"{digest}"', "x-oss-request-id": uuid.uuid4().hex.upper()}
            )
        if request.method in {"GET", "HEAD"}:
            found = self._objects.get(name)
            if found is None:
                return _refused(404, "NoSuchKey")
            return HttpResponse(200, found if request.method == "GET" else b"")
        return _refused(405, "MethodNotAllowed")

    def put(self, bucket: str, name: str, data: bytes) -> None:
        """Keep an object that Function Compute gives away."""
        with self._lock:
            self._objects[f"{bucket}/{name}"] = data

    def get(self, bucket: str, name: str) -> bytes:
        """Return an object that a function's code is to be; refuses as Function Compute does."""
        found = self._objects.get(f"{bucket}/{name}")
        if found is None:
            raise FcError(400, "InvalidArgument", f"the object '{name}' of bucket '{bucket}' does not exist")
        return found


def _refused(status: int, code: str) -> HttpResponse:
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    )
    return HttpResponse(status, body.encode(), {"content-type": "application/xml"})
