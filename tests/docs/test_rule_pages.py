"""The commands of the rule pages: calls that the vendor's models know, Terraform that parses."""

from __future__ import annotations

import io
import json
import shlex

import hcl2
import pytest

from localcloud import action_model, request_differences
from tests.docs.aliyun import parse
from tests.docs.blocks import blocks
from tests.docs.twins import tracked

PAGES = [name for name in tracked() if name.startswith("docs/rules/") and not name.endswith("README.md")]
_PRODUCTS = {"ecs": "Ecs", "vpc": "Vpc"}


@pytest.mark.parametrize("page", PAGES)
def test_each_command_is_one_that_would_be_taken(page: str) -> None:
    """Calls have the parameters of the vendor's models, payloads are JSON; the rest is for the guest."""
    (typed,) = [block for block in blocks(page) if block.language == "sh"]
    for line in typed.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["aliyun"]:
            call = parse(words[1:])
            model = action_model(_PRODUCTS[call.product], call.action)
            assert model.request.fields, f"{typed.place}: the vendor's models know no {call.action}"
            assert [*map(str, request_differences(model, call.params))] == [], typed.place
        elif words[:1] == ["s"]:
            assert words[1] in {"bind", "sweep"}, typed.place
            assert json.loads(words[4]), typed.place
        else:
            assert words[:1] in ([], ["ip"], ["multieip"]), f"{typed.place}: {line}"


@pytest.mark.parametrize("page", PAGES)
def test_each_terraform_block_parses(page: str) -> None:
    """Also where it only says that there is nothing to change."""
    (shown,) = [block for block in blocks(page) if block.language == "terraform"]

    assert hcl2.load(io.StringIO(shown.text)) is not None, shown.place
    assert shown.text.strip()
