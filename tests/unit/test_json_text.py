"""What is read can be written again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.json_text import read_json

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_what_can_be_written_is_read_as_it_is(value: object) -> None:
    """Emoji and other pairs of surrogates included."""
    assert read_json(json.dumps(value)) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize("text", [r'{"a": ["x\ud800y"]}', r'{"\uDFFF": 1}', r'"\ud83d\ud800"'])
def test_lone_surrogates_are_written_out(text: str) -> None:
    """In values and in names, as text and as bytes."""
    for form in (text, text.encode()):
        assert json.dumps(read_json(form), ensure_ascii=False).encode()
