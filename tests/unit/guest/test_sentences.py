"""What a guest answers in code words is read as sentences, and nothing that it says is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.guest.render import linux_program
from multieip.guest.sentences import SENTENCES, in_words

LINUX = Path(__file__).parents[3] / "shared/multieip/guest/linux"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("@|00:16:3e:00:00:01", "no-interface", "no interface has the MAC 00:16:3e:00:00:01; attach the ENI"),
        ("@down|eth1@carrier|eth1", "differs", "eth1 is down; eth1 has no carrier: nothing arrives"),
        ("@|@do|addr add 198.51.100.2/24 dev eth1; ", "release",
         "not everything could be taken away: to be done: addr add 198.51.100.2/24 dev eth1;"),
        ("@| (RTNETLINK answers: File exists)", "apply", "no change helps (RTNETLINK answers: File exists)"),
        ("@|00:16:3e:00:00:01|", "roll-back", "the old state of 00:16:3e:00:00:01 is not back:"),
        ("@|00:16:3e:00:00:01|full", "roll-back", "the old state of 00:16:3e:00:00:01 is not back: full"),
        ("@|@idle|systemd", "persistence", "a restart ends the EIPs: systemd does not start the keeper"),
        ("@steals|100|from all to 1.2.3.4|198.51", "differs", "steals: 100 from all to 1.2.3.4 198.51"),
        ("ip link: Cannot open netlink socket", "read", "ip link: Cannot open netlink socket"),
        ("The adapter eth0@if3 | is off.", "write", "The adapter eth0@if3 | is off."),
    ],
)  # fmt: skip
def test_a_text_in_words(text: str, code: str, said: str) -> None:
    """Words become sentences, one after the other; a text that is cut, or is a sentence already, is shown."""
    assert in_words(text, code) == said


def test_each_word_of_the_script_has_its_sentence() -> None:
    """No word is said that is not known, and none is known for nothing."""
    source = linux_program(readable=True)
    items = re.findall(r"@([a-z0-9-]*)\|", source) + re.findall(r'\b(?:bad|conflict)\("([a-z0-9]+)\|', source)
    codes = re.findall(r'(?:fail_with|add_problem) ([a-z-]+) ["\']@\|', source)
    codes += re.findall(r'(?:fail_with|add_problem) ([a-z-]+) "\$\{[a-z_]+:-@\|', source)

    # What cannot unpack the program says so in the content around it.
    assert {*filter(None, items), *codes, "no-tools"} == set(SENTENCES)


@given(st.text(alphabet="@|:ax {}", max_size=40) | st.text(max_size=60), st.sampled_from(["", *SENTENCES]))
def test_no_text_is_too_strange(text: str, code: str) -> None:
    """Whatever stands in a text, what is no item stands in what is said."""
    said = in_words(text, code)

    for piece in re.split(r"[@| ]", text):
        assert piece in said or piece in SENTENCES


def test_facts_are_counted() -> None:
    """Each sentence takes its facts in order."""
    for word, form in SENTENCES.items():
        facts = [f"fact-{number}" for number in range(form.count("{}"))]
        said = in_words(f"@{word}|{'|'.join(facts)}")
        assert re.findall(r"fact-\d", said) == facts
