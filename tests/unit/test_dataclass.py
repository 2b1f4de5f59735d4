"""Our light `dataclass` against the standard library's: the same classes, made by both, behave alike."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.dataclass import _dataclass, _field, _fields, _replace

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = pytest.mark.parametrize(
    "options",
    [{}, {"frozen": True}, {"slots": True}, {"frozen": True, "slots": True}, {"frozen": True, "eq": False}],
    ids=str,
)


def _pair(dataclass: Any, field: Any, **options: bool) -> tuple[type, type]:  # noqa: ANN401
    class Base:
        """A class over which another stands."""

        kind: ClassVar[str] = "base"
        name: str
        count: int = 3
        secret: str = field(default="s", repr=False)
        tags: dict[str, str] = field(default_factory=dict, metadata={"meaning": "all of them"})

        @property
        def label(self) -> str:
            """A member beside the fields."""
            return f"{self.name}-{self.count}"

        def __post_init__(self) -> None:
            """Refuse what no value may be."""
            if self.count < 0:
                raise ValueError("count")

    base: Any = dataclass(**options)(Base)

    class Over(base):
        """One more field, and another default."""

        count: int = 5
        more: tuple[int, ...] = ()

    return base, dataclass(**options)(Over)


def _end(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:  # noqa: BLE001  the kind of error is what is compared
        return type(error)


ARGUMENTS = [
    ((), {}),
    (("a",), {}),
    (("a", 1), {"secret": "x"}),
    (("a",), {"tags": {"k": "v"}}),
    (("a", 1, "s", {}, 9, 9), {}),
    (("a",), {"nothing": 1}),
    (("a",), {"name": "b"}),
    (("a", -1), {}),
]


@OPTIONS
@pytest.mark.parametrize("level", [0, 1], ids=["base", "over another"])
@pytest.mark.parametrize(("given_args", "given_kwargs"), ARGUMENTS, ids=str)
def test_values_are_made_and_shown_alike(
    options: dict[str, bool], level: int, given_args: tuple[Any, ...], given_kwargs: dict[str, Any]
) -> None:
    """The same arguments make the same value, or the same kind of error, the first time and later."""
    ours = _pair(_dataclass, _field, **options)[level]
    theirs = _pair(dataclasses.dataclass, dataclasses.field, **options)[level]

    for _ in range(2):
        shown = [_end(lambda c=each: repr(c(*given_args, **given_kwargs))) for each in (ours, theirs)]
        assert shown[0] == shown[1]


@OPTIONS
@given(
    first=st.tuples(st.sampled_from("ab"), st.integers(0, 1)),
    second=st.tuples(st.sampled_from("ab"), st.integers(0, 1)),
)
def test_values_are_compared_and_hashed_alike(
    options: dict[str, bool], first: tuple[str, int], second: tuple[str, int]
) -> None:
    """Equal where the standard library's are; hashable where they are; never equal to another class."""
    told = []
    for dataclass, field in ((_dataclass, _field), (dataclasses.dataclass, dataclasses.field)):
        base, over = _pair(dataclass, field, **options)
        one, two = base(*first), base(*second)
        told.append((one == two, one != two, one == over(*first), one == first, one.label))
        told[-1] += (type(base.__hash__).__name__ == "NoneType", base.__match_args__, one.tags == {})
    assert told[0] == told[1]


@OPTIONS
@pytest.mark.parametrize("name", ["count", "unheard"])
def test_what_is_frozen_stays(options: dict[str, bool], name: str) -> None:
    """Setting and deleting end alike, and what the class holds afterwards is alike."""

    def change(value: Any) -> object:  # noqa: ANN401
        try:
            setattr(value, name, 9)
        except (AttributeError, TypeError):  # with slots, the standard library trips over its own `super()`
            return "refused"
        return value.count

    ends = []
    for dataclass, field in ((_dataclass, _field), (dataclasses.dataclass, dataclasses.field)):
        value = _pair(dataclass, field, **options)[0]("a")
        ends.append((_end(lambda v=value: change(v)), hasattr(value, "__dict__")))
        ends[-1] += (_end(lambda v=value: delattr(v, "name")), _end(lambda v=value: v.name))
    assert ends[0] == ends[1]


def test_replace_changes_what_is_named_and_checks_again() -> None:
    """Both `replace` functions work on our values, and a wrong name or value is refused."""
    base, over = _pair(_dataclass, _field, frozen=True, slots=True)
    value = over("a", 1, more=(1,))

    for replace in (_replace, dataclasses.replace):
        assert replace(value, count=2) == over("a", 2, more=(1,))
        assert _end(lambda r=replace: r(value, nothing=2)) is TypeError
        assert _end(lambda r=replace: r(base("a"), count=-1)) is ValueError


def test_fields_are_told_with_their_defaults_and_metadata() -> None:
    """`fields` of either module tells the same."""
    base, _ = _pair(_dataclass, _field, frozen=True)
    theirs, _ = _pair(dataclasses.dataclass, dataclasses.field, frozen=True)

    def told(found: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        return [(each.name, each.repr, dict(each.metadata)) for each in found]

    assert told(_fields(base)) == told(dataclasses.fields(base)) == told(dataclasses.fields(theirs))
    assert [each.default for each in _fields(base)][1:3] == [3, "s"]


@_dataclass(frozen=True, slots=True)
class _Kept:
    one: int
    two: tuple[int, ...] = ()


def test_a_frozen_value_is_copied_and_pickled() -> None:
    """What goes to another process or into a copy comes out equal."""
    value = _Kept(1, (2,))

    assert copy.deepcopy(value) == copy.copy(value) == pickle.loads(pickle.dumps(value)) == value  # noqa: S301
    assert {value: "found"}[_Kept(1, (2,))] == "found"
