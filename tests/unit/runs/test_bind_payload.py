"""The payload of `bind`: read, or refused with every fault named."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.errors import RequestError
from multieip.model.resources import InstanceId
from multieip.runs.bind_payload import read_request
from multieip.runs.bind_request import Action, BindRequest, Settling

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    [
        "action", "region", "group", "eni", "eips", "instance", "detach", "prune", "settle_seconds", "turn",
        "chain", "settling", "cause",
    ]
)  # fmt: skip
WAITS = {"pause": 60, "calls": 1, "slots": 2, "slot": 3}
OWES = {"instance": "i-1", "detaches": 1}
_SINCE = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)


def _read(payload: object) -> BindRequest:
    return read_request(payload, region="cn-shanghai", settle_seconds=60.0)


def test_a_group_by_name_is_planned_unless_told_otherwise() -> None:
    """By hand the default is the dry run."""
    request = _read({"group": "web"})

    assert request.action is Action.PLAN
    assert request.target.name == "web"
    assert request.target.explicit is None
    assert request.target.region == "cn-shanghai"
    assert request.settle_seconds == 60.0
    assert request.turn == 0


def test_ids_make_a_group_of_their_own() -> None:
    """ENI, EIPs and instance of a manual call, with the consents it gives."""
    request = _read(
        {
            "action": "apply",
            "region": "cn-beijing",
            "eni": "eni-uf6a",
            "eips": ["eip-uf61", "eip-uf62"],
            "instance": "i-uf6x",
            "detach": True,
        }
    )

    group = request.target.explicit
    assert group is not None
    assert request.action is Action.APPLY
    assert (group.region, group.enis, group.instances) == ("cn-beijing", ("eni-uf6a",), ("i-uf6x",))
    assert group.eips == ("eip-uf61", "eip-uf62")
    assert (group.detach, group.prune) == (True, False)


def test_every_fault_is_named_at_once() -> None:
    """One refusal tells all, and nothing is read or written."""
    with pytest.raises(RequestError) as raised:
        _read(
            {
                "action": "aply",
                "eni": "i-wrong",
                "eips": ["eni-wrong", 3],
                "instance": "eip-wrong",
                "detach": "allow",
                "settle_seconds": "soon",
                "turn": -1,
                "settling": {"since": "yesterday"},
                "cause": "because",
                "colour": "red",
            }
        )

    text = str(raised.value)
    for fault in (
        "unknown: colour",
        "'aply'",
        "'i-wrong'",
        "'eni-wrong'",
        "3 is not a valid id",
        "'eip-wrong'",
        "detach 'allow'",
        "settle_seconds 'soon'",
        "turn -1",
        "settling is not",
        "cause must be",
    ):
        assert fault in text


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        ([], "a JSON object, not list"),
        (None, "a JSON object, not NoneType"),
        ({}, "group is missing"),
        ({"group": "web", "eni": "eni-a"}, "name a group or ids, not both"),
        ({"group": "a b"}, "is not a valid group name"),
        ({"eni": "eni-a"}, "eips must be a list"),
        ({"eni": "eni-a", "eips": []}, "eips must be a list"),
        ({"eni": "eni-a", "eips": "eip-1"}, "eips must be a list"),
        ({"group": "web", "region": "x.example/"}, "is not a valid region id"),
        ({"group": "web", "region": 3}, "region 3: must be a string"),
        ({"eni": "eni-a/../b", "eips": ["eip-1"]}, "is not a valid id: it must start with eni-"),
        ({"group": "web", "settle_seconds": float("nan")}, "settle_seconds nan"),
        ({"group": "web", "settle_seconds": True}, "settle_seconds True"),
        (
            {"group": "web", "settling": {"since": "0001-01-01T00:00:00+23:59", "eips": []}},
            "settling is not what a run of ours hands over",
        ),
        *(
            ({"group": "web", "waits": {**WAITS, **odd}}, "waits is not what a run of ours hands over")
            for odd in ({"pause": -1}, {"pause": 601}, {"calls": -1}, {"slots": -1}, {"slot": "x"})
        ),
        *(
            ({"group": "web", "owes": {**OWES, **odd}}, "owes is not what a run of ours hands over")
            for odd in ({"detaches": -1}, {"detaches": True}, {"detaches": 10_001}, {"detaches": 1.5})
        ),
    ],
)
def test_a_payload_that_cannot_be_meant_is_refused(payload: object, fault: str) -> None:
    """The message says what and what to do."""
    with pytest.raises(RequestError) as raised:
        _read(payload)

    assert fault in str(raised.value)


def test_without_any_region_the_call_is_refused() -> None:
    """No region is guessed."""
    with pytest.raises(RequestError, match="MULTI_EIP_REGION"):
        read_request({"group": "web"}, region="", settle_seconds=60.0)


@given(st.dictionaries(_FIELDS, _JSON, max_size=6) | _JSON)
def test_any_json_is_read_or_refused_as_a_request(payload: object) -> None:
    """No payload makes the reader fail in a way of its own."""
    try:
        request = _read(payload)
    except RequestError:
        return

    assert request.target.name or request.target.explicit


@pytest.mark.parametrize(
    "payload",
    [
        {"action": "apply", "group": "web"},
        {"action": "release", "group": "web", "settle_seconds": 5, "cause": {"event": "e-1"}},
        {"action": "apply", "eni": "eni-a", "eips": ["eip-1", "eip-2"], "instance": "i-x", "prune": True},
        {"action": "apply", "eni": "eni-a", "eips": ["eip-1"]},
    ],
)
def test_the_next_turn_asks_for_the_same(payload: dict[str, object]) -> None:
    """What a run hands over to itself is read as the same request, one turn on, with what it had learnt."""
    request = _read(payload)
    settling = Settling(frozenset({"eip-1"}), _SINCE + timedelta(seconds=1.5))

    following = _read(
        json.loads(json.dumps(request.next_turn("chain-1", settling, owes=InstanceId("i-1"), detaches=1)))
    )

    assert following.target == request.target
    assert following.action is request.action
    assert following.settle_seconds == request.settle_seconds
    assert following.cause == request.cause
    assert following.settling == settling
    assert (following.turn, following.chain) == (1, "chain-1")
    assert (following.owes, following.detaches) == ("i-1", 1)
    assert following.next_turn("another", None, owes=None, detaches=0)["chain"] == "chain-1"
