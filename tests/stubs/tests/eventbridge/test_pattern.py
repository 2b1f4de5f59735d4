"""Event patterns: each operator as EventBridge documents it, and the laws of AND and OR."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.eventbridge import PatternError, parse_pattern

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "ab", "10.0.0.1"])
)
NAMES = st.sampled_from(["a", "b", "c"])
EVENTS = st.recursive(
    st.dictionaries(NAMES, SCALARS, max_size=3),
    lambda inner: st.dictionaries(NAMES, st.one_of(SCALARS, inner), max_size=3),
    max_leaves=8,
)
OPERATORS = st.one_of(
    SCALARS,
    st.builds(lambda text: {"prefix": text}, st.sampled_from(["", "a", "1"])),
    st.builds(lambda text: {"suffix": text}, st.sampled_from(["b", "1"])),
    st.builds(lambda flag: {"exists": flag}, st.booleans()),
    st.builds(lambda number: {"numeric": [">", number]}, st.integers(-5, 5)),
    st.builds(lambda text: {"anything-but": text}, st.sampled_from(["a", 3])),
)
FIELDS = st.lists(OPERATORS, min_size=1, max_size=4)
PATTERNS = st.dictionaries(NAMES, FIELDS, max_size=3)


def matches(pattern: Any, event: dict[str, Any]) -> bool:  # noqa: ANN401 - any JSON
    """Ask the pattern about the event."""
    return parse_pattern(json.dumps(pattern)).matches(event)


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        (["acs.ecs"], "acs.ecs", True),
        (["acs.ecs"], "acs.ECS", False),
        (["a", "b"], "b", True),
        ([1], True, False),
        ([True], 1, False),
        ([1], 1.0, True),
        ([{"prefix": "acs."}], "acs.vpc", True),
        ([{"prefix": "acs."}], 5, False),
        ([{"suffix": ".jpg"}], "a.jpg", True),
        ([{"suffix": ".jpg"}], "a.png", False),
        ([{"contains": "Normal"}], "isNormalEvent", True),
        ([{"contains": "Normal"}], "normal", False),
        ([{"anything-but": "stopped"}], "running", True),
        ([{"anything-but": "stopped"}], "stopped", False),
        ([{"anything-but": 123}], 123, False),
        ([{"anything-but": 123}], 124, True),
        ([{"anything-but": ["stopped", "overloaded"]}], "overloaded", False),
        ([{"anything-but": ["stopped", "overloaded"]}], "running", True),
        ([{"anything-but": {"prefix": "init"}}], "initializing", False),
        ([{"anything-but": {"prefix": "init"}}], "running", True),
        ([{"numeric": [">", 0, "<=", 5]}], 5, True),
        ([{"numeric": [">", 0, "<=", 5]}], 0, False),
        ([{"numeric": ["=", 300]}], 300.0, True),
        ([{"numeric": ["=", 300]}], "300", False),
        ([{"numeric": ["=", 1]}], True, False),
        ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
        ([{"cidr": "10.0.0.0/24"}], "10.0.1.0", False),
        ([{"cidr": "10.0.0.0/24"}], "no address", False),
        ([{"exists": True}], None, True),
        ([{"exists": True}], [], True),
        ([{"exists": False}], "there", False),
        ([""], "", True),
        ([""], None, False),
        ([None], None, True),
        ([None], "", False),
        (["x"], ["w", "x"], True),
        (["x"], ["w"], False),
        (["x", {"prefix": "y"}], "yes", True),
    ],
)
def test_operator(wanted: list[Any], value: object, *, expected: bool) -> None:
    """Each operator says yes and no as the documentation shows it."""
    assert matches({"field": wanted}, {"field": value, "extra": 1}) is expected


@pytest.mark.parametrize(
    "wanted", [["a"], [None], [""], [{"anything-but": "a"}], [{"prefix": ""}], [{"exists": True}]]
)
def test_an_absent_field_matches_nothing_but_its_absence(wanted: list[Any]) -> None:
    """A field that the pattern names must be there, whatever the operator."""
    assert not matches({"data": {"field": wanted}}, {"data": {}})
    assert not matches({"data": {"field": wanted}}, {})
    assert matches({"data": {"field": [*wanted, {"exists": False}]}}, {})


def test_keys_are_joined_by_and_nested_like_the_event() -> None:
    """One field that is not wanted is enough to refuse the event."""
    pattern = {"source": ["acs.ecs"], "data": {"eventName": ["A", "B"], "errorCode": [{"exists": False}]}}

    assert matches(pattern, {"source": "acs.ecs", "data": {"eventName": "B", "more": {}}})
    assert not matches(pattern, {"source": "acs.ecs", "data": {"eventName": "B", "errorCode": "Forbidden"}})
    assert not matches(pattern, {"source": "acs.vpc", "data": {"eventName": "B"}})
    assert not matches(pattern, {"source": "acs.ecs", "data": "B"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[]", "JSON object"),
        ('{"source": "acs.ecs"}', 'write ["acs.ecs"]'),
        ('{"data": {"eventName": []}}', "data.eventName"),
        ('{"a": [["x"]]}', "array inside an array"),
        ('{"a": [{"prefx": "x"}]}', "unknown operator 'prefx'"),
        ('{"a": [{"prefix": 1}]}', "a.prefix"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "one key"),
        ('{"a": [{"numeric": [">"]}]}', "a.numeric"),
        ('{"a": [{"numeric": ["~", 1]}]}', "no comparison"),
        ('{"a": [{"cidr": "10.0.0.0/33"}]}', "no IPv4 network"),
        ('{"a": [{"exists": "no"}]}', "true or false"),
        ('{"a": [{"anything-but": {"suffix": "x"}}]}', "prefix"),
        ('{"a": [{"anything-but": []}]}', "strings or numbers"),
        ('{"a": [' + ",".join('{"prefix": "x"}' for _ in range(6)) + "]}", "at most 5"),
    ],
)
def test_a_wrong_pattern_names_the_field(text: str, says: str) -> None:
    """A mistake is refused when the rule is read, not when an event fails to arrive."""
    with pytest.raises(PatternError, match=says.replace("[", r"\[").replace("(", r"\(")):
        parse_pattern(text)


@given(EVENTS)
def test_an_empty_pattern_wants_everything(event: dict[str, Any]) -> None:
    """Nothing asked, nothing refused."""
    assert matches({}, event)


@given(PATTERNS, PATTERNS, EVENTS)
def test_keys_are_and(one: dict[str, Any], two: dict[str, Any], event: dict[str, Any]) -> None:
    """A pattern of disjoint keys wants what both halves want."""
    two = {name: wanted for name, wanted in two.items() if name not in one}

    assert matches({**one, **two}, event) is (matches(one, event) and matches(two, event))


@given(NAMES, FIELDS, EVENTS)
def test_alternatives_are_or(name: str, wanted: list[Any], event: dict[str, Any]) -> None:
    """An array wants what any of its values wants, in any order."""
    expected = any(matches({name: [each]}, event) for each in wanted)

    assert matches({name: wanted}, event) is expected
    assert matches({name: wanted[::-1]}, event) is expected


@given(PATTERNS, EVENTS, SCALARS)
def test_unnamed_fields_do_not_matter(pattern: dict[str, Any], event: dict[str, Any], value: object) -> None:
    """Extra attributes of an event are ignored."""
    assert matches(pattern, {**event, "unnamed": value}) is matches(pattern, event)


@given(EVENTS)
def test_every_scalar_of_an_event_can_be_asked_for_exactly(event: dict[str, Any]) -> None:
    """A pattern made from the event itself matches it."""
    assert matches(_exactly(event), event)


def _exactly(event: dict[str, Any]) -> dict[str, Any]:
    return {name: _exactly(value) if isinstance(value, dict) else [value] for name, value in event.items()}
