"""Whether a request is signed by a key we know, now, and for the first time."""

from __future__ import annotations

import re
from collections import deque
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from localcloud import errors
from localcloud.errors import ApiError
from localcloud.wire import signature
from localcloud.wire.encoding import query_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.accounts.identity import AccessKey
    from localcloud.front.context import Behind
    from localcloud.wire.http import HttpRequest

_WINDOW = timedelta(minutes=15)
# Headers that would change what is done, or for whom, if somebody could add them after signing.
_ACS3_SIGNED = (
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-security-token",
    "x-acs-signature-nonce",
    "x-acs-version",
)
_RPC_MANDATORY = (
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "Timestamp",
)
_BUCKET = re.compile(r"(?P<bucket>[a-z0-9-]+)\.oss-[a-z0-9-]+\.aliyuncs\.com")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Authenticator:
    """Re-computes signatures and remembers nonces."""

    def __init__(self, cloud: Behind) -> None:
        """Keys, clock and switches are the cloud's."""
        self._cloud = cloud
        self._nonces: set[tuple[str, str]] = set()
        self._nonce_ages: deque[tuple[float, tuple[str, str]]] = deque()

    def rpc(
        self, request: HttpRequest, pairs: Sequence[tuple[str, str]], params: Mapping[str, str]
    ) -> AccessKey:
        """Return the key that signed an RPC request, in either style; raises `ApiError`."""
        action = params.get("Action", "")
        if "authorization" in request.headers:
            return self.rest(request, request.headers.get("x-acs-action", action))
        for name in _RPC_MANDATORY:
            if name not in params:
                raise errors.missing(name)
        algorithm = signature.RPC_ALGORITHMS.get(params["SignatureMethod"])
        if algorithm is None:
            raise ApiError("InvalidSignatureMethod", "Specified signature method is not valid.")
        self._check_time(params["Timestamp"])
        key = self._cloud.keys.find(params["AccessKeyId"])
        to_sign = signature.rpc_string(request.method, pairs)
        if not signature.same(signature.rpc_signature(key.secret, to_sign, algorithm), params["Signature"]):
            raise errors.signature_mismatch(to_sign)
        self._check_nonce(key.key_id, params["SignatureNonce"])
        self._check_token(key, params.get("SecurityToken", ""), action)
        return key

    def rest(self, request: HttpRequest, action: str) -> AccessKey:
        """Return the key that signed a request by its `Authorization` header; raises `ApiError`."""
        header = request.headers.get("authorization", "")
        if not header and "OSSAccessKeyId=" in request.query:
            return self._oss_address(request, action)
        if header.startswith("ACS3-"):
            key, token = self._acs3(request, signature.Acs3.parse(header))
            self._check_token(key, token, action)
            return key
        scheme, _, rest = header.partition(" ")
        key_id, _, signed = rest.strip().partition(":")
        if scheme == "FC" and signed:
            key = self._fc(request, key_id, signed)
            self._check_token(key, request.headers.get("x-fc-security-token", ""), action)
            return key
        if scheme == "acs" and signed:
            key = self._roa(request, key_id, signed)
            self._check_token(key, request.headers.get("x-acs-security-token", ""), action)
            return key
        if scheme == "OSS" and signed:
            key = self._oss(request, key_id, signed)
            self._check_token(key, request.headers.get("x-oss-security-token", ""), action)
            return key
        if scheme == "LOG" and signed:
            key = self._log(request, key_id, signed)
            self._check_token(key, request.headers.get("x-acs-security-token", ""), action)
            return key
        if not header:
            raise errors.missing("Authorization")
        raise ApiError("IncompleteSignature", "The request signature does not conform to the standard.")

    def _acs3(self, request: HttpRequest, claim: signature.Acs3) -> tuple[AccessKey, str]:
        headers = request.headers
        for name in ("x-acs-date", "x-acs-signature-nonce"):
            if name not in headers:
                raise errors.missing(name.title())
        self._check_time(headers["x-acs-date"])
        key = self._cloud.keys.find(claim.key_id)
        canonical = signature.acs3_canonical_request(request, claim.signed_headers)
        to_sign = signature.acs3_string(canonical)
        unsigned = [name for name in _ACS3_SIGNED if name in headers and name not in claim.signed_headers]
        if unsigned or not signature.same(signature.acs3_signature(key.secret, to_sign), claim.signature):
            raise errors.signature_mismatch(f"[{to_sign}], server canonicalRequest:[{canonical}]")
        signature.check_content_hash(request)
        self._check_nonce(key.key_id, headers["x-acs-signature-nonce"])
        return key, headers.get("x-acs-security-token", "")

    def _fc(self, request: HttpRequest, key_id: str, signed: str) -> AccessKey:
        self._check_http_date(request.headers.get("date", ""))
        key = self._cloud.keys.find(key_id)
        strings = signature.fc_strings(request)
        if not any(signature.same(signature.fc_signature(key.secret, each), signed) for each in strings):
            raise errors.signature_mismatch(strings[0])
        return key

    def _oss(self, request: HttpRequest, key_id: str, signed: str) -> AccessKey:
        self._check_http_date(request.headers.get("x-oss-date") or request.headers.get("date", ""))
        key = self._cloud.keys.find(key_id)
        match = _BUCKET.match(request.headers.get("host", "").lower())
        to_sign = signature.oss_string(request, match["bucket"] if match else "")
        # The same HMAC as the older ROA form.
        if not signature.same(signature.roa_signature(key.secret, to_sign), signed):
            raise errors.signature_mismatch(to_sign)
        return key

    def _oss_address(self, request: HttpRequest, action: str) -> AccessKey:
        said = dict(query_pairs(request.query))
        key, token = self._cloud.keys.find(said["OSSAccessKeyId"]), said.get("security-token", "")
        expires = int(said["Expires"]) if said.get("Expires", "").isdigit() else 0
        match = _BUCKET.match(request.headers.get("host", "").lower())
        resource = (f"/{match['bucket']}" if match else "") + unquote(request.path)
        to_sign = signature.oss_address_string(request.method, resource, expires, token)
        if not signature.same(signature.roa_signature(key.secret, to_sign), said.get("Signature", "")):
            raise errors.signature_mismatch(to_sign)
        if self._cloud.clock.now().timestamp() > expires:
            raise ApiError("InvalidTimeStamp.Expired", "The address is no longer valid.", 403)
        self._check_token(key, token, action)
        return key

    def _log(self, request: HttpRequest, key_id: str, signed: str) -> AccessKey:
        self._check_http_date(request.headers.get("date", ""))
        key = self._cloud.keys.find(key_id)
        to_sign = signature.log_string(request)
        if not signature.same(signature.roa_signature(key.secret, to_sign), signed):
            raise errors.signature_mismatch(to_sign)
        return key

    def _roa(self, request: HttpRequest, key_id: str, signed: str) -> AccessKey:
        self._check_http_date(request.headers.get("date", ""))
        key = self._cloud.keys.find(key_id)
        to_sign = signature.roa_string(request)
        if not signature.same(signature.roa_signature(key.secret, to_sign), signed):
            raise errors.signature_mismatch(to_sign)
        nonce = request.headers.get("x-acs-signature-nonce", "")
        if nonce:
            self._check_nonce(key.key_id, nonce)
        return key

    def _check_time(self, text: str) -> None:
        try:
            # `strptime` would also take months and hours of one digit.
            moment = datetime.fromisoformat(text[:-1]) if _TIMESTAMP.fullmatch(text) else None
        except ValueError:
            moment = None
        if moment is None:
            raise errors.malformed_time()
        self._check_age(moment.replace(tzinfo=timezone.utc))

    def _check_http_date(self, text: str) -> None:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError, OverflowError):
            raise errors.malformed_time() from None
        self._check_age(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))

    def _check_age(self, moment: datetime) -> None:
        if abs(self._cloud.wall_clock.now() - moment) > _WINDOW:
            raise ApiError("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")

    def _check_nonce(self, key_id: str, nonce: str) -> None:
        now = self._cloud.wall_clock.monotonic()
        while self._nonce_ages and now - self._nonce_ages[0][0] > 2 * _WINDOW.total_seconds():
            self._nonces.discard(self._nonce_ages.popleft()[1])
        mark = (key_id, nonce)
        if mark in self._nonces:
            raise ApiError("SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces.add(mark)
        self._nonce_ages.append((now, mark))

    def _check_token(self, key: AccessKey, token: str, action: str) -> None:
        self._cloud.check_key(key, token, action)
