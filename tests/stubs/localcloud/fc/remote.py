"""A client of the control API, for the commands: signed as the newer SDKs sign, over plain HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.once import HOW_TO_START
from localcloud.physics.clock import stamp
from localcloud.wire import signature
from localcloud.wire.http import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Remote:
    """One account, as the environment names it."""

    endpoint: str
    key_id: str
    secret: str
    token: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Remote:
        """Read the environment; what is missing is said in one line."""
        for name in ("STUB_ENDPOINT", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
            if not environ.get(name):
                raise ConfigError(f"{name} is not set: {HOW_TO_START}")
        return cls(
            environ["STUB_ENDPOINT"].rstrip("/"),
            environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
        )

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Do one call and return its answer; a refusal is an FcError."""
        raw = b"" if body is None else json.dumps(body).encode()
        request = HttpRequest(method, path, urlencode(query or {}), self._headers(raw), raw)
        found: dict[str, Any] = json.loads(self.send(request, self._signed(request)) or b"{}")
        return found

    def rpc(self, version: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Do one call of a service whose calls are named by a parameter."""
        named = {"x-acs-action": action, "x-acs-version": version, "accept": "application/json"}
        request = HttpRequest("POST", "/", urlencode(params), {**self._headers(b""), **named})
        found: dict[str, Any] = json.loads(self.send(request, self._signed(request)))
        return found

    def invoke(self, name: str, event: bytes, qualifier: str) -> tuple[bytes, bytes, str]:
        """Call what is deployed; return its answer, the end of its log and the type of its error."""
        headers = {**self._headers(event), "x-fc-log-type": "Tail"}
        path = function_path(name, "invocations")
        request = HttpRequest("POST", path, urlencode({"qualifier": qualifier}), headers, event)
        body, told = self._opened(request, self._signed(request))
        log = base64.b64decode(told.get("x-fc-log-result", ""))
        return body, log, told.get("x-fc-error-type", "")

    def _signed(self, request: HttpRequest) -> dict[str, str]:
        names = sorted(each for each in request.headers if each.startswith("x-acs-") or each == "host")
        to_sign = signature.acs3_string(signature.acs3_canonical_request(request, names))
        signed = signature.acs3_signature(self.secret, to_sign)
        claim = (
            f"{signature.ACS3} Credential={self.key_id},SignedHeaders={';'.join(names)},Signature={signed}"
        )
        return {**request.headers, "authorization": claim}

    def find(self, path: str) -> dict[str, Any] | None:
        """Return what a GET answers, None where it is not there; another refusal is an FcError."""
        try:
            return self.call("GET", path)
        except FcError as error:
            if error.status == 404:
                return None
            raise

    def upload(self, data: bytes) -> dict[str, str]:
        """Put a package into the temporary bucket and return where it lies, as CreateFunction wants it."""
        given = self._fc2("/2016-08-15/tempBucketToken")
        name = f"{uuid.uuid4()}/{given['objectName']}"
        keys, path = given["credentials"], f"/{given['ossBucket']}/{name}"
        date = formatdate(usegmt=True)
        headers = {
            "date": date,
            "content-type": "application/zip",
            "x-oss-security-token": keys["SecurityToken"],
        }
        request = HttpRequest("PUT", path, "", headers, data)
        signed = signature.roa_signature(keys["AccessKeySecret"], signature.oss_string(request, ""))
        self.send(request, {**headers, "authorization": f"OSS {keys['AccessKeyId']}:{signed}"})
        return {"ossBucketName": given["ossBucket"], "ossObjectName": name}

    def _fc2(self, path: str) -> dict[str, Any]:
        token = {"x-fc-security-token": self.token} if self.token else {}
        headers = {"date": formatdate(usegmt=True), "content-type": "application/json", **token}
        request = HttpRequest("GET", path, "", headers)
        signed = signature.fc_signature(self.secret, signature.fc_strings(request)[0])
        found: dict[str, Any] = json.loads(
            self.send(request, {**headers, "authorization": f"FC {self.key_id}:{signed}"})
        )
        return found

    def _headers(self, body: bytes) -> dict[str, str]:
        token = {"x-acs-security-token": self.token} if self.token else {}
        return {
            "host": urlsplit(self.endpoint).netloc,
            "content-type": "application/json",
            "x-acs-version": "2023-03-30",
            "x-acs-date": stamp(datetime.now(timezone.utc)),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            **token,
        }

    def send(self, request: HttpRequest, headers: Mapping[str, str]) -> bytes:
        """Send what is signed already and return the answer; a refusal is an FcError."""
        return self._opened(request, headers)[0]

    def _opened(self, request: HttpRequest, headers: Mapping[str, str]) -> tuple[bytes, Mapping[str, str]]:
        query = f"?{request.query}" if request.query else ""
        url = f"{self.endpoint}{request.path}{query}"
        sent = Request(url, request.body or None, dict(headers), method=request.method)  # noqa: S310 - http only
        try:
            # A proxy of the environment must not get what is meant for this machine.
            with build_opener(ProxyHandler({})).open(sent, timeout=_TIMEOUT_S) as response:
                return response.read(), {name.lower(): value for name, value in response.headers.items()}
        except HTTPError as error:
            raise _refusal(error.code, error.read()) from error
        except (URLError, OSError) as error:
            raise ConfigError(f"{self.endpoint} does not answer ({error}): {HOW_TO_START}") from error


def _refusal(status: int, body: bytes) -> FcError:
    try:
        said = json.loads(body)
        code = said.get("Code") or said.get("ErrorCode") or said["errorCode"]
        message = said.get("Message") or said.get("ErrorMessage") or said["errorMessage"]
    except (ValueError, KeyError, AttributeError):
        return FcError(status, "Unknown", body[:200].decode(errors="replace"))
    return FcError(status, str(code), str(message))


def function_path(name: str, *rest: str) -> str:
    """Return the path of a function, or of what hangs on it."""
    return "/".join(["/2023-03-30/functions", *(quote(each, safe="") for each in (name, *rest))])
