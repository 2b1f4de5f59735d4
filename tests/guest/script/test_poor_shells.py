"""The same in every POSIX shell, and with busybox alone."""

from __future__ import annotations

import pytest

from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.script.operator import ALL, Operator, nic_of

pytestmark = pytest.mark.guest


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox ash"])
def test_every_posix_shell_gives_the_same(operator: Operator, shell: str) -> None:
    """dash, bash and busybox's shell run the program alike: apply, again, check."""
    here = f"cat >/run/content <<'END'\n{{}}END\n{shell} /run/content"
    apply, check = (linux_script(mode, [nic_of()]) for mode in (Mode.APPLY, Mode.CHECK))
    inner = [text.replace("|| sh $t/guest.sh", f"|| {shell} $t/guest.sh") for text in (apply, apply, check)]

    reports = [operator.run(here.format(text)) for text in inner]

    assert [(r.state, r.changed) for r in reports] == [(State.OK, True), (State.OK, False), (State.OK, False)]
    assert operator.site.answering() == ALL


def test_busybox_alone_is_enough(operator: Operator) -> None:
    """With no tool but busybox, whose ip knows no table above 1023, the EIPs answer all the same."""
    operator.site.shell(
        "mkdir /run/bb; rm -f /run/bb/flock;"
        "for a in $(busybox --list); do ln -s $(command -v busybox) /run/bb/$a; done"
    )
    contents = [linux_script(mode, [nic_of()]) for mode in (Mode.APPLY, Mode.APPLY)]
    only = "cat >/run/content <<'END'\n{}END\nenv -i PATH=/run/bb /run/bb/sh /run/content"

    reports = [operator.run(only.format(content)) for content in contents]

    assert [(r.state, r.changed) for r in reports] == [(State.OK, True), (State.OK, False)]
    assert "lookup 681" in operator.site.shell("ip -4 rule")
    assert operator.site.answering() == ALL
