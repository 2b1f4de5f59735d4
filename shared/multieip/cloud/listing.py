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


class HasId(Protocol):
    """What is listed: something with an id."""

    @property
    def id(self) -> str:
        """The id that the cloud knows it by."""
        ...


_T = TypeVar("_T")
_R = TypeVar("_R", bound=HasId)


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

    def __init__(self, kind: Kind[_R], keep: Callable[[_R], bool] | None = None) -> None:
        """Gather rows of this kind; those that `keep` does not want are counted, and let go."""
        self._kind = kind
        self._keep = keep
        self._seen: dict[str, int] = {}
        self._found: dict[str, _R] = {}
        self._odd: list[OddRow] = []
        self._count = 0

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
            self._count += 1
            return
        before = len(self._seen)
        own = entry.get(kind.id_name)
        if isinstance(own, str) and own:
            mark = hash(repr(entry))
            if self._seen.setdefault(own, mark) != mark:
                raise ContradictionError(kind.action, f"{own} is listed twice with different contents")
            if len(self._seen) == before:
                return
        self._count += 1
        try:
            made = kind.build(entry)
        except UnreadableError as fault:
            tags = _legible_tags(entry)
            self._odd.append(OddRow(kind.action, fault.text, str(own or ""), tags or (), untold=tags is None))
            return
        if self._keep is None or self._keep(made):
            self._found[made.id] = made

    @property
    def count(self) -> int:
        """How many different entries there were, odd ones included."""
        return self._count

    def listed(self) -> Listed[_R]:
        """Return what was gathered."""
        return Listed(self._found.values(), self._odd)


class CutOffError(Exception):
    """A list tells on its first page that it holds as many entries as the cloud lists at most."""

    def __init__(self, odd: Iterable[OddRow]) -> None:
        """Keep the entries of the first page that could not be read."""
        super().__init__()
        self.odd = tuple(odd)


def by_token(
    api: Api,
    kind: Kind[_R],
    params: Mapping[str, str],
    *,
    keep: Callable[[_R], bool] | None = None,
    most: int = 0,
) -> Listed[_R]:
    """Return a list of ECS, which gives the next page for a token and ends with none.

    Raises `CutOffError` for one that holds `most` entries or more, as soon as it is known.
    """
    return believed(lambda: _by_token(api, kind, params, keep, most))


def _by_token(
    api: Api,
    kind: Kind[_R],
    params: Mapping[str, str],
    keep: Callable[[_R], bool] | None,
    most: int,
) -> Listed[_R]:
    gathered = Gathered(kind, keep)
    for page in tokens(lambda more: api.call("Ecs", kind.action, {**params, **more}), kind.action):
        gathered.add(page)
        if most and max(gathered.count, _told(page)) >= most:
            raise CutOffError(gathered.listed().odd)
    return gathered.listed()


def _told(page: Row) -> int:
    """Return the total that a page of ECS tells, 0 where it tells none: then the pages themselves do."""
    try:
        return number(page, "TotalCount")
    except UnreadableError:
        return 0


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


def believed(read: Callable[[], _T]) -> _T:
    """Return what `read` gives; an answer that contradicts itself is asked for once more."""
    try:
        return read()
    except ContradictionError:
        return read()


def batched(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
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


def _legible_tags(entry: Row) -> tuple[tuple[str, str], ...] | None:
    try:
        return tuple(sorted(tags_of(entry).items()))
    except UnreadableError:
        return None
