"""Lists that are whole or refused.

An entry that cannot be read is set apart and costs no other its place; a list that contradicts itself (its
count, its pages, one id twice with different contents) is read once more and then refused, because half a
list would pass for a smaller cloud.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, overload

from multieip.cloud.reading import Row, number, rows, tags_of
from multieip.dataclass import dataclass
from multieip.errors import ContradictionError, UnreadableError
from multieip.model.resources import OddRow

if TYPE_CHECKING:
    from multieip.ports import Api, Json


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_T = TypeVar("_T")
_R = TypeVar("_R", bound=_HasId)


class Listed(Sequence[_T]):
    """The entries of a whole list; `odd` are those that could not be read."""

    def __init__(self, found: Iterable[_T] = (), odd: Iterable[OddRow] = ()) -> None:
        """Hold what was found, in the order of the cloud."""
        self._found = tuple(found)
        self.odd = tuple(odd)

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | Sequence[_T]:
        """Return one entry, or some."""
        return self._found[index]

    def __len__(self) -> int:
        """Count the entries that could be read."""
        return len(self._found)

    def __repr__(self) -> str:
        """For people."""
        return f"Listed({list(self._found)!r}, odd={list(self.odd)!r})"


@dataclass(frozen=True, slots=True)
class Kind(Generic[_R]):
    """How one kind of resource is listed: the action, where its rows stand, and how to read one."""

    action: str
    outer: str
    inner: str
    id_name: str
    build: Callable[[Row], _R]


class Gathered(Generic[_R]):
    """The rows of one list, page by page, each id once."""

    def __init__(self, kind: Kind[_R]) -> None:
        """Gather rows of this kind."""
        self._kind = kind
        self._raw: dict[str, object] = {}
        self._found: dict[str, _R] = {}
        self._odd: list[OddRow] = []

    def add(self, page: Row) -> int:
        """Take the rows of a page and return how many it holds."""
        kind = self._kind
        entries = rows(kind.action, page, kind.outer, kind.inner)
        for entry in entries:
            self._add(entry)
        return len(entries)

    def _add(self, entry: object) -> None:
        kind = self._kind
        if not isinstance(entry, Mapping):
            self._odd.append(OddRow(kind.action, f"an entry is {entry!r}, not an object"))
            return
        own = entry.get(kind.id_name)
        if isinstance(own, str) and own:
            if own in self._raw and self._raw[own] != entry:
                raise ContradictionError(kind.action, f"{own} is listed twice with different contents")
            if own in self._raw:
                return
            self._raw[own] = entry
        try:
            made = kind.build(entry)
        except UnreadableError as fault:
            self._odd.append(OddRow(kind.action, fault.text, str(own or ""), _legible_tags(entry)))
            return
        self._found[made.id] = made

    @property
    def count(self) -> int:
        """How many different entries there were, odd ones included."""
        return len(self._found) + len(self._odd)

    def listed(self) -> Listed[_R]:
        """Return what was gathered."""
        return Listed(self._found.values(), self._odd)


def by_token(api: Api, kind: Kind[_R], params: Mapping[str, str]) -> Listed[_R]:
    """Return a list of ECS, which gives the next page for a token and ends with none."""
    return believed(lambda: _by_token(api, kind, params))


def _by_token(api: Api, kind: Kind[_R], params: Mapping[str, str]) -> Listed[_R]:
    gathered = Gathered(kind)
    for page in tokens(lambda more: api.call("Ecs", kind.action, {**params, **more}), kind.action):
        gathered.add(page)
    return gathered.listed()


def tokens(ask: Callable[[Mapping[str, str]], Json], action: str) -> Iterator[Row]:
    """Yield page after page; a token that comes back would never end and is refused."""
    more: Mapping[str, str] = {}
    seen: set[str] = set()
    while True:
        page = ask(more)
        yield page
        token = page.get("NextToken") or ""
        if not isinstance(token, (str, int)):
            raise UnreadableError(action, "NextToken is not a string")
        if not token:
            return
        if str(token) in seen:
            raise ContradictionError(action, "a NextToken came back, the list would never end")
        seen.add(str(token))
        more = {"NextToken": str(token)}


def by_number(api: Api, kind: Kind[_R], params: Mapping[str, str], size: int) -> Listed[_R]:
    """Return a list of VPC, which has numbered pages and tells its total.

    Pages are read one after the other (the cloud refuses deep pages in parallel), in the size that the answer
    says that it has. In the end there are as many entries as it counts, or it is not believed.
    """
    return believed(lambda: _by_number(api, kind, params, size))


def _by_number(api: Api, kind: Kind[_R], params: Mapping[str, str], size: int) -> Listed[_R]:
    gathered = Gathered(kind)
    number = 1
    while True:
        asked = {**params, "PageNumber": str(number), "PageSize": str(size)}
        page = api.call("Vpc", kind.action, asked)
        total, told = _counted(kind.action, page, "TotalCount"), page.get("PageSize")
        if told is not None:
            told_size = _counted(kind.action, page, "PageSize")
            if told_size < 1 or (number > 1 and told_size != size):
                raise ContradictionError(kind.action, f"pages of {size} became pages of {told_size}")
            size = min(size, told_size)
        held = gathered.add(page)
        if held > size:
            raise ContradictionError(kind.action, f"a page of {size} holds {held} entries")
        if number * size >= total:
            break
        if held < size:
            raise ContradictionError(kind.action, f"page {number} holds {held} of {total} entries and ends")
        number += 1
    if gathered.count != total:
        raise ContradictionError(kind.action, f"{gathered.count} entries are there, {total} are counted")
    return gathered.listed()


def believed(read: Callable[[], _T]) -> _T:
    """Return what `read` gives; an answer that contradicts itself is asked for once more."""
    try:
        return read()
    except ContradictionError:
        return read()


def batched(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the values in batches."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def tag_filter(tag: tuple[str, str | None] | None) -> dict[str, str]:
    """Return the parameters that select by one tag; a value of None selects every value."""
    if tag is None:
        return {}
    key, value = tag
    return {"Tag.1.Key": key} if value is None else {"Tag.1.Key": key, "Tag.1.Value": value}


def joined(lists: Iterable[Listed[_R]]) -> Listed[_R]:
    """Return several lists as one."""
    made = list(lists)
    return Listed((row for one in made for row in one), (odd for one in made for odd in one.odd))


def _counted(action: str, page: Row, name: str) -> int:
    try:
        counted = number(page, name)
    except UnreadableError as fault:
        raise UnreadableError(action, f"the answer has no {name}: {fault.text}") from fault
    if counted < 0:
        raise UnreadableError(action, f"the answer's {name} is {counted}")
    return counted


def _legible_tags(entry: Row) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(sorted(tags_of(entry).items()))
    except UnreadableError:
        return ()
