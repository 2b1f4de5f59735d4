"""The signatures of this ecosystem: made for our own client, re-computed for everybody else's.

RPC v1 (HMAC-SHA1 over all parameters), ACS3 (header signature of the newer SDKs), FC 2.0's
`FC ak:signature`, and the older ROA form `acs ak:signature`. Each `…_string` gives what is signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from localcloud.errors import ApiError
from localcloud.wire.encoding import canonical_query, query_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.wire.http import HttpRequest

ACS3 = "ACS3-HMAC-SHA256"
RPC_ALGORITHMS: Mapping[str, str] = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}

_ACS3_HEADER = re.compile(
    r"^(?P<algorithm>ACS3-[A-Z0-9-]+)\s+Credential=(?P<key>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]*),\s*Signature=(?P<signature>[0-9a-fA-F]+)$"
)


def rpc_string(method: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the string to sign of RPC v1; `Signature` itself is left out."""
    canonical = canonical_query(pair for pair in pairs if pair[0] != "Signature")
    # What is encoded once holds three characters only that are encoded again.
    twice = canonical.replace("%", "%25").replace("=", "%3D").replace("&", "%26")
    return f"{method}&%2F&{twice}"


def rpc_signature(secret: str, string_to_sign: str, algorithm: str = "sha1") -> str:
    """Base64 of the HMAC with the secret and an ampersand as key."""
    digest = hmac.digest(f"{secret}&".encode(), string_to_sign.encode(), algorithm)
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Acs3:
    """What an ACS3 `Authorization` header says."""

    algorithm: str
    key_id: str
    signed_headers: tuple[str, ...]
    signature: str

    @classmethod
    def parse(cls, header: str) -> Acs3:
        """Read the header; refuses what is not of the form."""
        match = _ACS3_HEADER.match(header.strip())
        if match is None:
            raise ApiError("IncompleteSignature", "The request signature does not conform to the standard.")
        if match["algorithm"] != ACS3:
            message = "Specified signature method is not valid."
            raise ApiError("InvalidSignatureMethod", message)
        names = tuple(name for name in match["headers"].lower().split(";") if name)
        return cls(match["algorithm"], match["key"].strip(), names, match["signature"].lower())


def acs3_canonical_request(request: HttpRequest, signed_headers: Sequence[str]) -> str:
    """Return the canonical request of ACS3."""
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in sorted(signed_headers))
    return "\n".join(
        (
            request.method,
            request.path or "/",
            canonical_query(query_pairs(request.query)),
            headers,
            ";".join(sorted(signed_headers)),
            request.headers.get("x-acs-content-sha256", ""),
        )
    )


def acs3_string(canonical_request: str) -> str:
    """Return the string to sign of ACS3."""
    return f"{ACS3}\n{hashlib.sha256(canonical_request.encode()).hexdigest()}"


def acs3_signature(secret: str, string_to_sign: str) -> str:
    """Hex of HMAC-SHA256."""
    return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()


def check_content_hash(request: HttpRequest) -> None:
    """Refuse a body that is not the one whose hash was signed."""
    claimed = request.headers.get("x-acs-content-sha256", "")
    if not claimed:
        raise ApiError("MissingX-Acs-Content-Sha256", "x-acs-content-sha256 is mandatory for this action.")
    if claimed.lower() != hashlib.sha256(request.body).hexdigest():
        raise ApiError(
            "InvalidContentSha256", "Specified x-acs-content-sha256 does not match the request body."
        )


def fc_strings(request: HttpRequest) -> tuple[str, ...]:
    """Return what FC 2.0 clients may have signed: without the query, and with it as HTTP triggers do."""
    headers = request.headers
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-fc-"))
    canonical = "".join(f"{name}:{value}\n" for name, value in own)
    path = unquote(request.path)
    parameters = sorted(f"{key}={value}" if value else key for key, value in query_pairs(request.query))
    head = "\n".join(
        (
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            headers.get("date", ""),
            canonical,
        )
    )
    plain = head + path
    return (plain, plain + "\n" + "\n".join(parameters)) if request.query else (plain, plain + "\n")


def fc_signature(secret: str, string_to_sign: str) -> str:
    """Base64 of HMAC-SHA256."""
    return base64.b64encode(hmac.digest(secret.encode(), string_to_sign.encode(), hashlib.sha256)).decode()


def roa_string(request: HttpRequest) -> str:
    """Return the string to sign of the older ROA form."""
    headers = request.headers
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-acs-"))
    parameters = sorted(f"{key}={value}" if value else key for key, value in query_pairs(request.query))
    resource = request.path + ("?" + "&".join(parameters) if parameters else "")
    return "\n".join(
        (
            request.method,
            headers.get("accept", ""),
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            headers.get("date", ""),
            "".join(f"{name}:{value.strip()}\n" for name, value in own) + resource,
        )
    )


def roa_signature(secret: str, string_to_sign: str) -> str:
    """Base64 of HMAC-SHA1 with the bare secret as key."""
    return base64.b64encode(hmac.digest(secret.encode(), string_to_sign.encode(), hashlib.sha1)).decode()


def oss_string(request: HttpRequest, bucket: str) -> str:
    """Return the string to sign of the object store; `bucket` is the one in the host's name, or empty."""
    headers = request.headers
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-oss-"))
    resource = (f"/{bucket}" if bucket else "") + unquote(request.path)
    return "\n".join(
        (
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            headers.get("x-oss-date") or headers.get("date", ""),
            "".join(f"{name}:{value.strip()}\n" for name, value in own) + resource,
        )
    )


def oss_address_string(method: str, resource: str, expires: int, token: str) -> str:
    """Return the string to sign of an address of the object store that carries its signature in the query."""
    query = f"?security-token={token}" if token else ""
    return f"{method}\n\n\n{expires}\n{resource}{query}"


def log_string(request: HttpRequest) -> str:
    """Return the string to sign of the log service."""
    headers = request.headers
    own = sorted((name, value) for name, value in headers.items() if name.startswith(("x-log-", "x-acs-")))
    parameters = sorted(f"{key}={value}" for key, value in query_pairs(request.query))
    resource = request.path + ("?" + "&".join(parameters) if parameters else "")
    return "\n".join(
        (
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            headers.get("date", ""),
            "".join(f"{name}:{value.strip()}\n" for name, value in own) + resource,
        )
    )


def same(ours: str, theirs: str) -> bool:
    """Compare two signatures."""
    return hmac.compare_digest(ours.encode(), theirs.encode())
