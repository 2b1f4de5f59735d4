"""Guests that lack something: the script works without it, or its answer says what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.guests.site import EIPS
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, Stamp, State
from tests.guest.script.operator import nic_of

if TYPE_CHECKING:
    from multieip.model.guest import GuestReport
    from tests.guest.script.operator import Operator

pytestmark = pytest.mark.guest

ALL = [eip.address for eip in EIPS]
# A kernel that takes the flag and keeps nothing of it.
FLAG_IGNORED = """case "$*" in
*-batch*) sed s/noprefixroute// | exec /usr/sbin/ip "$@" ;;
*) exec /usr/sbin/ip "$@" ;;
esac"""
# An ip that knows neither word, though its help names them, and ends the batch there.
WORDS_UNKNOWN = """case "$*" in *-batch*) ;; *) exec /usr/sbin/ip "$@" ;; esac
lines=$(cat)
case $lines in *noprefixroute*|*proto*) echo "Error: argument is a garbage." >&2; exit 255 ;; esac
printf '%s\\n' "$lines" | exec /usr/sbin/ip "$@"
"""
NAMES = "255 local\\n254 main\\n253 default\\n21001 eip1\\n"
# Files of the guest that are younger than the mark; the agent's own are not ours.
WRITTEN = """find / /run /tmp -xdev -newer /run/begin -type f ! -path '/proc/*' ! -path '/sys/*' \
  ! -path '/var/tmp/*' ! -path '*/aliyun-assist/*' ! -path '/dev/*' ! -path /run/begin 2>/dev/null || :"""
SHIM = "mkdir -p /run/bin; cat >/run/bin/{name} <<'END'\n#!/bin/sh\n{body}\nEND\nchmod +x /run/bin/{name}"
# A folder with every tool of the machine but these.
WITHOUT = """
mkdir -p /run/some
for folder in /usr/sbin /usr/bin; do
  for file in $folder/*; do
    case " {names} " in *" ${{file##*/}} "*) ;; *) ln -s $file /run/some/ 2>/dev/null ;; esac
  done
done
:
"""


def shimmed(operator: Operator, mode: Mode) -> GuestReport:
    """Run a mode with our own tools in front of the machine's."""
    return operator.run("PATH=/run/bin:$PATH\nexport PATH\n" + linux_script(mode, [nic_of()], wait_s=3))


@pytest.mark.parametrize(
    "body",
    [
        'exec /usr/sbin/ip "$@"',
        FLAG_IGNORED,
        WORDS_UNKNOWN,
        # One that says so in its help.
        'case "$*" in *help*) echo usage >&2; exit 255 ;; esac; exec /usr/sbin/ip "$@"',
        # One without numbers in place of names.
        'case "$1" in -N) echo "Option \\"-N\\" is unknown" >&2; exit 255 ;; esac; exec /usr/sbin/ip "$@"',
    ],
    ids=["plain", "flag-ignored", "words-unknown", "help-without", "no-numbers"],
)
def test_old_tools_and_kernels(operator: Operator, body: str) -> None:
    """What is not known is done without; check agrees, a second apply changes nothing, main stays clean."""
    operator.site.shell(SHIM.format(name="ip", body=body))
    operator.site.shell(f"mkdir -p /etc/iproute2; printf '{NAMES}' >/etc/iproute2/rt_tables")

    states = [
        (report.state, report.changed)
        for report in (shimmed(operator, mode) for mode in (Mode.APPLY, Mode.APPLY, Mode.CHECK))
    ]

    assert states == [(State.OK, True), (State.OK, False), (State.OK, False)]
    assert operator.site.answering() == ALL
    assert "198.51.100.0/24" not in operator.site.shell("ip -4 route show table main")
    assert shimmed(operator, Mode.RELEASE).state is State.OK
    assert operator.site.run("ip route show table all | grep 'table 21'").exit_code != 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("awk", 'case "$*" in *mode=*|*table_base*|*-v*) kill -9 $$ ;; *) exec /usr/bin/awk "$@" ;; esac'),
        ("ip", 'case "$*" in *addr*show*) exit 137 ;; *) exec /usr/sbin/ip "$@" ;; esac'),
        ("ip", 'case "$*" in *rule*show*) exit 0 ;; *) exec /usr/sbin/ip "$@" ;; esac'),
        ("ip", 'case "$*" in *route*show*) echo nonsense here ;; *) exec /usr/sbin/ip "$@" ;; esac'),
        ("ip", 'case "$*" in *link*show*) exit 0 ;; *) exec /usr/sbin/ip "$@" ;; esac'),
    ],
    ids=["awk-killed", "ip-killed", "no-rules", "not-understood", "no-links"],
)
def test_a_helper_that_fails_is_a_failure(operator: Operator, name: str, body: str) -> None:
    """An answer that is empty, cut off or not understood is never an empty set: nothing is changed."""
    operator.ask(Mode.APPLY)
    before = operator.kernel()
    operator.site.shell(SHIM.format(name=name, body=body))

    for mode in (Mode.CHECK, Mode.APPLY, Mode.RELEASE):
        report = shimmed(operator, mode)
        assert report.state is State.FAILED
        assert not report.changed
    assert operator.kernel() == before


@pytest.mark.parametrize("names", ["flock", "ping", "setsid", "base64", "grep", "flock ping setsid"])
def test_it_works_without(operator: Operator, names: str) -> None:
    """Tools that an image may lack are not needed."""
    operator.site.shell(WITHOUT.format(names=names))
    only = "PATH=/run/some\nexport PATH\n"

    for mode, changed in ((Mode.APPLY, True), (Mode.APPLY, False), (Mode.CHECK, False)):
        done = operator.site.run(f"{only}{linux_script(mode, [nic_of()], wait_s=3)}")
        report = read_answer(done.output)
        assert (report.state, report.changed) == (State.OK, changed), report.problems
    assert operator.site.answering() == ALL


@pytest.mark.parametrize("names", ["gzip busybox", "awk mawk gawk busybox"])
def test_without_these_the_answer_says_so(operator: Operator, names: str) -> None:
    """What cannot be done without is named, and nothing is changed."""
    operator.site.shell(WITHOUT.format(names=names))
    before = operator.kernel()

    done = operator.site.run(f"PATH=/run/some\nexport PATH\n{linux_script(Mode.APPLY, [nic_of()], wait_s=3)}")

    report = read_answer(done.output)
    assert report.state is State.FAILED
    assert [problem.code for problem in report.problems] == ["no-tools"]
    assert operator.kernel() == before


@pytest.mark.parametrize(
    "harm",
    [
        "mkdir -p /etc/multieip; mount -t tmpfs -o ro none /etc/multieip",
        "mkdir /etc/multieip; mount -t tmpfs -o size=4k - /etc/multieip; yes >/etc/multieip/x",
        "echo file >/etc/multieip",
    ],
    ids=["read-only", "full", "in-the-way"],
)
def test_where_the_state_cannot_be_written_nothing_is_changed(operator: Operator, harm: str) -> None:
    """Apply is refused with the sentence, check still answers."""
    operator.site.shell(f"{harm} 2>/dev/null; mount -t tmpfs -o ro none /run 2>/dev/null; :")
    before = operator.kernel()

    report = operator.ask(Mode.APPLY)

    assert (report.state, [problem.code for problem in report.problems]) == (State.FAILED, ["write"])
    assert "is the disk full or read-only? Nothing was changed." in report.problems[0].text
    assert operator.ask(Mode.CHECK).state is State.DIFFERS
    assert operator.kernel() == before


def test_nothing_but_the_state_is_written(operator: Operator) -> None:
    """After apply and check no file of ours is anywhere but in its folder; after release none is anywhere."""
    operator.site.shell("touch /run/begin; sleep 0.05")
    operator.ask(Mode.APPLY)
    operator.ask(Mode.CHECK)

    assert {line.rpartition("/")[0] for line in operator.site.shell(WRITTEN).split()} == {"/etc/multieip"}
    operator.ask(Mode.RELEASE)
    assert operator.site.shell(WRITTEN).split() == []


def test_an_answer_is_short_and_last(operator: Operator) -> None:
    """With everything wrong at once it stays under 6 KB, and no output breaks when nobody reads."""
    operator.site.shell("".join(f"ip rule add pref 3 fwmark {n} lookup 55\n" for n in range(1, 60)))
    operator.site.shell(
        "ip route add default via 10.0.0.253 dev eth0 table 55; ip addr add 10.9.9.9/24 dev eth1"
    )

    done = operator.site.run(linux_script(Mode.CHECK, [nic_of()]))

    assert len(done.output) < 6000
    assert json.loads(done.output.decode().splitlines()[-1].partition(" ")[2])["state"] == "differs"
    unread = linux_script(Mode.APPLY, [nic_of(EIPS[:1])])
    operator.site.shell(
        "ip rule flush; ip rule add pref 32766 lookup main\n"
        f"cat >/run/c <<'END'\n{unread}END\nsh /run/c | true"
    )
    assert operator.ask(Mode.CHECK, nic_of(EIPS[:1])).state is State.OK


def test_a_set_of_an_earlier_look_is_refused(operator: Operator) -> None:
    """Stamped sets: the later wins, in whichever order they arrive; a release is stamped, too."""

    def ask(mode: Mode, asof: int, count: int) -> GuestReport:
        stamp = Stamp(1795000000000 + asof, f"run-{asof}")
        return operator.run(linux_script(mode, [nic_of(EIPS[:count])], stamp=stamp, wait_s=3))

    assert ask(Mode.APPLY, 20, 2).state is State.OK
    assert (ask(Mode.APPLY, 20, 2).state, ask(Mode.APPLY, 30, 2).changed) == (State.OK, False)
    before = operator.kernel()
    for late in (ask(Mode.APPLY, 25, 3), ask(Mode.APPLY, 30, 3), ask(Mode.RELEASE, 25, 0)):
        assert (late.state, late.changed) == (State.OLDER, False)
        assert late.held is not None
        assert late.held.stamp == Stamp(1795000000030, "run-30")
        assert [eip.ip for eip in late.held.eips] == ALL[:2]
    assert operator.kernel() == before

    assert ask(Mode.RELEASE, 40, 0).state is State.OK
    assert ask(Mode.APPLY, 35, 2).state is State.OLDER
    assert "inet 198" not in operator.site.shell("ip -4 addr")
    assert operator.site.shell("ls /etc/multieip").split() == ["00:16:3e:12:e7:01.nic"]
    assert ask(Mode.APPLY, 50, 3).nics[0].stamp == Stamp(1795000000050, "run-50")


@pytest.mark.parametrize("stamped", [True, False])
def test_a_lean_set_takes_nothing_out(operator: Operator, stamped: bool) -> None:  # noqa: FBT001
    """It may add; what it does not name and the guest has is told, and nothing is written."""

    def ask(asof: int, count: int, *, lean: bool) -> GuestReport:
        stamp = Stamp(1795000000000 + asof, f"run-{asof}")
        return operator.run(
            linux_script(Mode.APPLY, [nic_of(EIPS[:count])], stamp=stamp, lean=lean, wait_s=3)
        )

    first = linux_script(
        Mode.APPLY, [nic_of(EIPS[:2])], stamp=Stamp(1795000000010, "run-10") if stamped else None
    )
    assert operator.run(first).state is State.OK
    before = operator.kernel(), operator.site.shell("cat /etc/multieip/*.nic")
    refused = ask(20, 1, lean=True)
    assert (refused.state, refused.changed) == (State.UNNAMED, False)
    assert refused.held is not None
    assert refused.held.stamp == (Stamp(1795000000010, "run-10") if stamped else Stamp(0, ""))
    assert [eip.ip for eip in refused.held.eips] == ALL[:2]
    assert (operator.kernel(), operator.site.shell("cat /etc/multieip/*.nic")) == before

    assert (ask(30, 2, lean=True).state, ask(40, 3, lean=True).changed) == (State.OK, True)
    assert ask(35, 1, lean=True).state is State.OLDER
    assert [ask(50, 1, lean=False).state, ask(60, 1, lean=True).state] == [State.OK, State.OK]


def test_what_is_only_to_be_kept_stays_and_is_not_added(operator: Operator) -> None:
    """An EIP that no consent lets us unbind stays if the guest has it."""
    wanted = nic_of()
    keeping = wanted.__class__(
        wanted.mac,
        wanted.private,
        (
            wanted.eips[0],
            *(eip.__class__(eip.ip, eip.plen, eip.gateway, keep=True) for eip in wanted.eips[1:]),
        ),
    )

    assert [eip.ip for eip in operator.ask(Mode.APPLY, keeping).nics[0].eips] == ALL[:1]
    operator.ask(Mode.APPLY)
    report = operator.ask(Mode.APPLY, keeping)

    assert [eip.ip for eip in report.nics[0].eips] == ALL
    assert operator.site.answering() == ALL
