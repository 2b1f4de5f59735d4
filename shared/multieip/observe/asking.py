"""Reads that were begun, and what becomes of those that fail: noted as unread, or raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from multieip.cloud.listing import Listed
from multieip.cloud.refusals import is_denied, passes
from multieip.errors import CloudError, RefusedError, TooLateError, UnreadableError
from multieip.model.facts import Reading, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from multieip.observe.draft import Draft
    from multieip.ports import Parallel, Pending

_T = TypeVar("_T")


class Asked(Generic[_T]):
    """One read that was begun, for some groups."""

    def __init__(
        self, parallel: Parallel, reading: Reading, drafts: Iterable[Draft], read: Callable[[], _T]
    ) -> None:
        """Begin it; it fills `reading` in the drafts."""
        self.drafts = tuple(drafts)
        self._reading = reading
        self._pending: Pending[_T] = parallel.submit(read)

    def answer(self) -> _T | None:
        """Return what was read; None where it failed, which is noted in every draft."""
        try:
            return self._pending.result()
        except CloudError as fault:
            for draft in self.drafts:
                draft.unread[self._reading] = why(fault)
            return None


def why(fault: CloudError) -> Unread:
    """Return what a failed read says of itself."""
    denied = isinstance(fault, RefusedError) and is_denied(fault.code)
    return Unread(str(fault), denied=denied, passes=passes(fault) or isinstance(fault, TooLateError))


def is_lasting(fault: CloudError) -> bool:
    """Whether the next look would meet it too, or cannot be trusted to: such a list is noted, not raised."""
    return isinstance(fault, UnreadableError) or why(fault).denied


def listed(
    pending: Pending[Listed[_T]] | None, reading: Reading, unread: dict[Reading, Unread]
) -> Listed[_T]:
    """Return a list of members; one that is denied or not to be believed is empty, and noted as unread."""
    if pending is None:
        return Listed()
    try:
        return pending.result()
    except CloudError as fault:
        if not is_lasting(fault):
            raise
        unread[reading] = why(fault)
        return Listed()
