"""One object into a bucket of OSS: a sweep's report, for whoever has to know later what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.redact import redact
from multieip.dataclass import dataclass
from multieip.errors import LostAnswerError, MultiEipError, RefusedError

if TYPE_CHECKING:
    from multieip.cloud.credentials import Credentials

_ACTION: Final = "PutObject"
_TIMEOUT_S: Final = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of the function's own region, at `endpoint` or, if that is empty, the vendor's host."""

    name: str
    region: str
    endpoint: str = ""

    def put(self, key: str, text: str, credentials: Credentials) -> None:
        """Keep a JSON text under this key, in place of what was there; raises `MultiEipError`."""
        try:
            import oss2  # noqa: PLC0415  only a report that is kept loads it
        except ImportError:
            raise MultiEipError("the package oss2 is missing: pip install 'multieip[oss]'") from None
        where = self.endpoint or f"https://oss-{self.region}.aliyuncs.com"
        try:
            bucket = oss2.Bucket(_auth(credentials), where, self.name, connect_timeout=_TIMEOUT_S)
            bucket.put_object(key, text.encode(), headers={"Content-Type": "application/json"})
        except oss2.exceptions.RequestError:
            # What the vendor's library says of it may show the address with its signature.
            raise LostAnswerError(_ACTION, f"no answer from the bucket {self.name}") from None
        except oss2.exceptions.OssError as error:
            code = redact(str(error.code or f"status {error.status}"), credentials.secrets)
            said = redact(str(error.message), credentials.secrets)
            raise RefusedError(
                _ACTION, code, said, http_status=error.status, request_id=str(error.request_id)
            ) from None


def _auth(credentials: Credentials) -> object:
    import oss2  # noqa: PLC0415

    if credentials.token:
        return oss2.StsAuth(credentials.key_id, credentials.secret, credentials.token)
    return oss2.Auth(credentials.key_id, credentials.secret)
