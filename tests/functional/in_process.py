"""The product's `Api` on a local cloud in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud import AnswerGarbledError, AnswerLostError, CallRefusedError
from multieip.errors import GarbledError, LostAnswerError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud import AccessKey, LocalCloud
    from multieip.ports import Json, Product

_REFUSED = 300


class InProcess:
    """An `Api` that needs no socket: what the cloud's own client says, in the product's words."""

    def __init__(self, cloud: LocalCloud, key: AccessKey | None = None) -> None:
        """Call as the owner of `key`, by default as the first account's RAM user."""
        self._client = cloud.api(key)

    @property
    def calls(self) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Every call so far: its action and parameters."""
        return self._client.calls

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        return in_our_words(action, lambda: self._client.call(product, action, params))


def in_our_words(action: str, call: Callable[[], Json]) -> Json:
    """Make a call of the local cloud, and raise what the product's adapter makes of its failures."""
    try:
        return call()
    except CallRefusedError as refused:
        raise RefusedError(
            action,
            refused.code,
            refused.message,
            http_status=refused.http_status,
            request_id=refused.request_id,
        ) from None
    except AnswerLostError:
        raise LostAnswerError(action, "the connection was closed before an answer came") from None
    except AnswerGarbledError as page:
        # As the product's adapter has them from the vendor's SDK.
        if page.http_status < _REFUSED:
            raise GarbledError(action, "the answer is not JSON") from None
        raise RefusedError(
            action, "SDK.UnknownServerError", "a page of HTML", http_status=page.http_status
        ) from None
