"""Where the keys come from: the call's context, the function's environment, the vendor's standard chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multieip.dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; `token` is empty for a long-lived one."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def find_credentials(environ: Mapping[str, str], context: object | None = None) -> Credentials:
    """Return the first complete key.

    `context.credentials` is made anew for each call, and exists up to Python 3.10 only (FC's page on the
    Python context); the environment is as old as the function's instance, and may have expired; the chain
    covers a laptop (profile files, RAM role of an instance). Raises the chain's own error where nothing is
    found.
    """
    return _from_context(context) or _from_environment(environ) or _from_chain()


def _from_environment(environ: Mapping[str, str]) -> Credentials | None:
    key_id = environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", "")
    secret = environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "")
    if not (key_id and secret):
        return None
    return Credentials(key_id, secret, environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""))


def _from_context(context: object | None) -> Credentials | None:
    found: Any = getattr(context, "credentials", None)
    key_id = getattr(found, "access_key_id", "") or ""
    secret = getattr(found, "access_key_secret", "") or ""
    if not (key_id and secret):
        return None
    return Credentials(key_id, secret, getattr(found, "security_token", "") or "")


def _from_chain() -> Credentials:
    from alibabacloud_credentials.client import Client

    found = Client().get_credential()
    return Credentials(found.access_key_id, found.access_key_secret, found.security_token or "")
