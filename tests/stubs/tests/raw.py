"""Requests made by hand, so that a test may break any one thing about them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from localcloud import HttpRequest

if TYPE_CHECKING:
    from localcloud import HttpResponse, LocalCloud

_NONCES = itertools.count()


def encoded(text: str) -> str:
    """Percent-encode as the signature's document says; written apart from the code under test."""
    return quote(text, safe="").replace("%7E", "~")


def signature_v1(method: str, params: dict[str, str], secret: str, algorithm: str) -> str:
    """Compute the RPC signature from the document's recipe."""
    canonical = "&".join(f"{encoded(key)}={encoded(params[key])}" for key in sorted(params))
    to_sign = f"{method}&{encoded('/')}&{encoded(canonical)}"
    digest = hmac.new(f"{secret}&".encode(), to_sign.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()


@dataclass
class Raw:
    """One request before it is signed; change what you like, then `send`."""

    cloud: LocalCloud
    action: str = "DescribeEipAddresses"
    version: str = "2016-04-28"
    method: str = "GET"
    key_id: str = "LTAI5tLocalUser000000001"
    secret: str = "main-user-secret"
    host: str = "127.0.0.1"
    params: dict[str, str] = field(default_factory=lambda: {"RegionId": "cn-shanghai", "Format": "JSON"})
    timestamp: str = ""
    algorithm: str = "sha1"
    nonce: str = ""
    leave_out: tuple[str, ...] = ()
    in_body: tuple[str, ...] = ()
    after: dict[str, str] = field(default_factory=dict)

    def send(self) -> HttpResponse:
        """Sign by RPC v1 and send; `after` overwrites parameters after signing."""
        sent = {
            "Action": self.action,
            "Version": self.version,
            "AccessKeyId": self.key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": self.nonce or f"raw-{next(_NONCES)}",
            "Timestamp": self.timestamp or self.cloud.wall_clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            **self.params,
        }
        sent = {key: value for key, value in sent.items() if key not in self.leave_out}
        sent["Signature"] = signature_v1(self.method, sent, self.secret, self.algorithm)
        sent.update(self.after)
        for name in self.leave_out:
            sent.pop(name, None)
        query = {key: value for key, value in sent.items() if key not in self.in_body}
        body = {key: value for key, value in sent.items() if key in self.in_body}
        headers = {"host": self.host}
        if body:
            headers["content-type"] = "application/x-www-form-urlencoded"
        request = HttpRequest(self.method, "/", urlencode(query), headers, urlencode(body).encode())
        return self.cloud.handle(request)

    def error(self) -> tuple[int, str]:
        """Send and read status and code of the refusal."""
        response = self.send()
        return response.status, json.loads(response.body)["Code"]


@dataclass
class Acs3:
    """One request signed by header; change what you like, then `send`."""

    cloud: LocalCloud
    action: str = "DescribeEipAddresses"
    version: str = "2016-04-28"
    key_id: str = "LTAI5tLocalUser000000001"
    secret: str = "main-user-secret"
    query: dict[str, str] = field(default_factory=lambda: {"RegionId": "cn-shanghai"})
    body: bytes = b""
    content_type: str = ""
    method: str = "POST"
    path: str = "/"
    token: str = ""
    accept: str = "application/json"
    after: dict[str, str] = field(default_factory=dict)
    sent_body: bytes | None = None

    def send(self) -> HttpResponse:
        """Sign and send; `after` overwrites headers, and `sent_body` the body, after signing."""
        headers = {
            "host": "vpc.cn-shanghai.aliyuncs.com" if self.version == "2016-04-28" else "127.0.0.1",
            "accept": self.accept,
            "x-acs-action": self.action,
            "x-acs-version": self.version,
            "x-acs-date": self.cloud.wall_clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": f"raw3-{next(_NONCES)}",
            "x-acs-content-sha256": hashlib.sha256(self.body).hexdigest(),
        }
        if self.content_type:
            headers["content-type"] = self.content_type
        if self.token:
            headers["x-acs-security-token"] = self.token
            headers["x-acs-accesskey-id"] = self.key_id
        names = sorted(
            name for name in headers if name.startswith("x-acs-") or name in {"host", "content-type"}
        )
        query = "&".join(f"{encoded(key)}={encoded(self.query[key])}" for key in sorted(self.query))
        lines = "".join(f"{name}:{headers[name]}\n" for name in names)
        canonical = "\n".join(
            (self.method, self.path, query, lines, ";".join(names), headers["x-acs-content-sha256"])
        )
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signed = hmac.new(self.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={self.key_id},SignedHeaders={';'.join(names)},Signature={signed}"
        )
        headers.update(self.after)
        body = self.body if self.sent_body is None else self.sent_body
        return self.cloud.handle(HttpRequest(self.method, self.path, query, headers, body))

    def json(self) -> dict[str, Any]:
        """Send and read the answer."""
        answer: dict[str, Any] = json.loads(self.send().body)
        return answer
