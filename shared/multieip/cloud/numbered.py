"""Lists of VPC: numbered pages, and a total that they are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from multieip.cloud.listing import Gathered, HasId, Kind, Listed, believed
from multieip.cloud.reading import Row, number
from multieip.errors import ContradictionError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Api

_R = TypeVar("_R", bound=HasId)


def by_number(api: Api, kind: Kind[_R], params: Mapping[str, str], size: int) -> Listed[_R]:
    """Return a list of VPC, which has numbered pages and tells its total; see `Numbered`."""
    return Numbered(api, kind, params, size).whole()


class Numbered(Generic[_R]):
    """A list of VPC while it is being read: its first page tells how many there are.

    Pages are read one after the other (the cloud refuses deep pages in parallel), in the size that the answer
    says that it has. In the end there are as many entries as it counts, or it is not believed and read again.
    """

    def __init__(
        self,
        api: Api,
        kind: Kind[_R],
        params: Mapping[str, str],
        size: int,
        keep: Callable[[_R], bool] | None = None,
    ) -> None:
        """Read nothing yet; rows that `keep` does not want are counted, and let go."""
        self._api = api
        self._kind = kind
        self._params = params
        self._asked_size = size
        self._keep = keep
        self._begin()

    def _begin(self) -> None:
        self._gathered = Gathered(self._kind, self._keep)
        self._size = self._asked_size
        self._number = 0
        self._total = 0

    @property
    def pages_left(self) -> int:
        """How many pages are still to be read, as the last one told."""
        return max(0, -(-self._total // self._size) - self._number)

    def first(self) -> None:
        """Read the first page."""
        believed(self._read_first)

    def whole(self) -> Listed[_R]:
        """Return the whole list, from where it stands; one that contradicts itself is read anew once."""
        try:
            return self._rest()
        except ContradictionError:
            self._begin()
            return self._rest()

    def _read_first(self) -> None:
        self._begin()
        self._page()

    def _rest(self) -> Listed[_R]:
        while self._number == 0 or self.pages_left:
            self._page()
        if self._gathered.count != self._total:
            told = f"{self._gathered.count} entries are there, {self._total} are counted"
            raise ContradictionError(self._kind.action, told)
        return self._gathered.listed()

    def _page(self) -> None:
        action, wanted = self._kind.action, self._number + 1
        asked = {**self._params, "PageNumber": str(wanted), "PageSize": str(self._size)}
        page = self._api.call("Vpc", action, asked)
        self._total = _counted(action, page, "TotalCount")
        self._believe_size(page, wanted)
        held = self._gathered.add(page)
        if held > self._size:
            raise ContradictionError(action, f"a page of {self._size} holds {held} entries")
        self._number = wanted
        if self.pages_left and held < self._size:
            raise ContradictionError(action, f"page {wanted} holds {held} of {self._total} entries and ends")

    def _believe_size(self, page: Row, wanted: int) -> None:
        if page.get("PageSize") is None:
            return
        told = _counted(self._kind.action, page, "PageSize")
        if told < 1 or (wanted > 1 and told != self._size):
            raise ContradictionError(self._kind.action, f"pages of {self._size} became pages of {told}")
        self._size = min(self._size, told)


def _counted(action: str, page: Row, name: str) -> int:
    try:
        counted = number(page, name)
    except UnreadableError as fault:
        raise UnreadableError(action, f"the answer has no {name}: {fault.text}") from fault
    if counted < 0:
        raise UnreadableError(action, f"the answer's {name} is {counted}")
    return counted
