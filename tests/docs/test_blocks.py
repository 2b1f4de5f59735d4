"""How blocks of pages are read, and calls of the aliyun command line."""

from __future__ import annotations

import pytest

from tests.docs.aliyun import Call, parse
from tests.docs.blocks import blocks, commands, missing

PAGE = """# A page

```console
$ one --with 'two words'
says … things
and more
$ false   # ends with 1
$ long \\
>   goes on
```

<!-- not run: it needs an account -->
```sh
rm -rf
```

```terraform
a = 1
```

```sh
first
second
```
"""


def test_what_is_typed_and_what_is_not() -> None:
    """Commands in order, with status and answer; what is marked and what is no command is left out."""
    found = blocks("page.md", PAGE)
    typed = list(commands(found))

    assert [(each.language, each.line) for each in found] == [
        ("console", 3), ("sh", 13), ("terraform", 17), ("sh", 21),
    ]  # fmt: skip
    assert [each.not_run for each in found] == ["", "it needs an account", "", ""]
    assert [each.text for each in typed] == [
        "one --with 'two words'",
        "false   # ends with 1",
        "long \\\n  goes on",
        "first\nsecond\n",
    ]
    assert [each.status for each in typed] == [0, 1, 0, 0]
    assert typed[0].shown == ("says … things", "and more")
    assert typed[1].place == "page.md:7"


def test_a_console_block_without_a_prompt_is_refused() -> None:
    """Else it would be run by nobody, and nobody would know."""
    with pytest.raises(ValueError, match=r"p\.md:1: a console block begins"):
        list(commands(blocks("p.md", "```console\nls\n```\n")))


def test_lines_of_an_answer_are_looked_for_in_order() -> None:
    """A line that is not there, or stands before the one above it, is missing with all that follows."""
    said = "a 1 b\n  c\nd"

    assert missing(("a … b", "d"), said) == []
    assert missing(("d", "c"), said) == ["c"]
    assert missing(("a",), said) == ["a"]


def test_a_line_of_the_aliyun_command_line_is_one_call() -> None:
    """Product, action, parameters by their names on the wire."""
    words = ["ecs", "TagResources", "--region", "cn-x", "--RegionId", "cn-x", "--Tag.1.Key", "a:b"]

    assert parse(words) == Call("ecs", "TagResources", {"RegionId": "cn-x", "Tag.1.Key": "a:b"})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ecs"], "aliyun PRODUCT ACTION"),
        (["oss", "ls"], "oss is no product"),
        (["ecs", "Do", "--RegionId"], "--RegionId has no value"),
        (["ecs", "Do", "--A", "--B", "1"], "--A has no value"),
        (["ecs", "Do", "-a", "1"], "-a is no parameter"),
        (["ecs", "Do", "--A", "1", "--A", "2"], "--A stands twice"),
    ],
)
def test_a_line_that_the_command_line_would_not_take_is_refused(words: list[str], says: str) -> None:
    """A page with such a line fails, and the message says what is wrong."""
    with pytest.raises(ValueError, match=says):
        parse(words)
