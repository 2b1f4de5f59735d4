"""Function Compute 3.0's InvokeFunction: one POST, signed with the standard library.

The vendor's client for this one call is a third of a function's code package and most of its start
(861 modules), so it serves as the oracle of the tests only. The signature is ACS3-HMAC-SHA256, as the vendor
describes it under "Request syntax and signature method V3".
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from multieip.cloud.redact import redact
from multieip.errors import LostAnswerError, RefusedError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from multieip.cloud.credentials import Credentials

ALGORITHM: Final = "ACS3-HMAC-SHA256"
_VERSION: Final = "2023-03-30"
_ACTION: Final = "InvokeFunction"
_CONNECT_S: Final = 3.0
_ACCEPTED: Final = 300


def canonical_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    """Return what is hashed and signed; names of headers in lower case, all of them signed."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    return "\n".join((method, path, query, lines, ";".join(names), headers["x-acs-content-sha256"]))


def authorization(key_id: str, secret: str, headers: Mapping[str, str], canonical: str) -> str:
    """Return the `Authorization` header for a canonical request of these headers."""
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(sorted(headers))},Signature={signature}"


class Fc3:
    """Starts functions of FC 3.0 at `url`, the account's invocation host."""

    def __init__(
        self,
        url: str,
        credentials: Callable[[], Credentials],
        now: Callable[[], datetime],
        new_nonce: Callable[[], str],
    ) -> None:
        """Nothing is opened before the first start; a request is signed with this moment (UTC) and nonce."""
        self._scheme, _, self._host = url.partition("://")
        self._credentials = credentials
        self._now = now
        self._new_nonce = new_nonce
        self._tls: ssl.SSLContext | None = None

    def send(self, function: str, body: bytes, task_id: str, timeout_s: float) -> None:
        """Queue one run; raises `RefusedError` or `LostAnswerError` within about `timeout_s` seconds."""
        path = f"/{_VERSION}/functions/{quote(function, safe='')}/invocations"
        query = "qualifier=LATEST"
        headers = self._signed(path, query, body, task_id)
        connection = self._connection(timeout_s)
        try:
            connection.connect()
            connection.sock.settimeout(timeout_s)
            connection.request("POST", f"{path}?{query}", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            host = self._host.rpartition("@")[2]
            raise LostAnswerError(_ACTION, f"no answer from {host} ({type(error).__name__})") from None
        finally:
            connection.close()
        if answer.status >= _ACCEPTED:
            raise _refused(
                answer.status, content, answer.getheader("x-fc-request-id", ""), self._credentials().secrets
            )

    def _signed(self, path: str, query: str, body: bytes, task_id: str) -> dict[str, str]:
        found = self._credentials()
        headers = {
            "host": self._host,
            "content-type": "application/octet-stream",
            "x-acs-action": _ACTION,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-acs-date": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self._new_nonce(),
            "x-acs-version": _VERSION,
            "x-fc-async-task-id": task_id,
            "x-fc-invocation-type": "Async",
        }
        if found.token:
            headers |= {"x-acs-accesskey-id": found.key_id, "x-acs-security-token": found.token}
        canonical = canonical_request("POST", path, query, headers)
        return {**headers, "Authorization": authorization(found.key_id, found.secret, headers, canonical)}

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        connect_s = min(_CONNECT_S, timeout_s)
        if self._scheme == "http":
            return http.client.HTTPConnection(self._host, timeout=connect_s)
        self._tls = self._tls or trusted_context()
        return http.client.HTTPSConnection(self._host, timeout=connect_s, context=self._tls)


def trusted_context() -> ssl.SSLContext:
    """Return a context that trusts the system's authorities, or where it has none, those of the SDK core."""
    import ssl
    from importlib.util import find_spec
    from pathlib import Path

    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return ssl.create_default_context()
    core = find_spec("aliyunsdkcore")
    root = Path(core.origin).parent if core and core.origin else Path()
    return ssl.create_default_context(
        cafile=str(root / "vendored" / "requests" / "packages" / "certifi" / "cacert.pem")
    )


def _refused(status: int, content: bytes, request_id: str, secrets: Sequence[str]) -> RefusedError:
    try:
        said: Any = json.loads(content)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        # A load balancer's page, in no form of Function Compute's; it may show all that it was sent.
        said = {"Code": f"HTTP{status}", "Message": f"a page of {len(content)} bytes"}
    return RefusedError(
        _ACTION,
        redact(str(said.get("Code") or f"HTTP{status}"), secrets),
        redact(str(said.get("Message") or ""), secrets),
        http_status=status,
        request_id=redact(str(said.get("RequestId") or request_id), secrets),
    )
