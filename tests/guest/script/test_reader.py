"""The text that `ip` prints is read as data: rules and routes of anybody are what `ip -j` says they are."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.guests import why_not_namespaces
from multieip.guest.render import put_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Ask = Callable[[str], str]

pytestmark = pytest.mark.guest

# A namespace of its own, and one shell in it: each question costs its `ip` and nothing else.
BEGIN = """
ip link add e0 type veth peer name e1; ip link set lo up; ip link set e0 up; ip link set e1 up
ip addr add 10.0.0.2/24 dev e0; ip addr add 10.1.0.2/24 dev e1
"""
AGAIN = """
ip -4 rule flush; ip -4 rule add pref 32766 lookup main; ip -4 rule add pref 32767 lookup default
for table in 254 21000 21001 21299 77; do ip -4 route flush table $table; done
ip -4 route add 10.0.0.0/24 dev e0 scope link
"""
LOOK = """
echo @rule; ip -N -4 rule show; echo @route; ip -N -4 -o route show table all; echo @end
ip -j -N -d -4 rule show; ip -j -N -d -4 route show table all
"""
# What the reader has made of the text, a line for each rule and route. The other functions are the plan's.
DUMP = """
function give(name, value) {}
function truth(value) {}
END {
  if (faults) print "fault", faults
  for (at = 1; at <= rules; at++)
    print "rule", rule_pref[at], rule_from[at], rule_to[at] ? rule_to[at] : "-", rule_action[at],
      rule_table[at] == "" ? "-" : rule_table[at], rule_suppress[at], rule_others[at] ? "others" : "plain"
  for (at = 1; at <= our_routes; at++) print "ours", ours[at]
  for (at = 1; at <= mains; at++) print "main", main_dest[at], main_via[at], main_dev[at], main_src[at]
  for (at = 1; at <= defaults; at++) print "default", default_via[at]
}
"""
PARSER = put_together("linux", ("parse", "data"), "awk") + DUMP
TYPES = [
    "unicast",
    "local",
    "broadcast",
    "anycast",
    "multicast",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
]
# Selectors that the reader need not tell apart: a rule with one of them is not for every packet.
PLAIN = {"priority", "src", "srclen", "dst", "dstlen", "table", "action", "goto", "nop", "protocol"} | {
    *("suppress_prefixlen", "unresolved", "iif_detached", "oif_detached", "l3mdev")
}

networks = st.sampled_from(["10.0.0.1", "10.0.0.0/8", "198.51.100.11/32", "192.0.2.0/25", "0.0.0.0/1"])
tables = st.sampled_from(["main", "default", "77", "21000", "21001", "21299", "21300"])
selectors = st.sampled_from(
    [
        *("fwmark 0x5", "fwmark 0x5/0xff", "iif e0", "iif lo", "iif gone9", "oif e1", "oif gone9"),
        *("ipproto 6 sport 7-9 dport 80", "ipproto tcp", "ipproto 250", "uidrange 5-6", "tos 0x10"),
    ]
)
actions = st.one_of(
    tables.map("lookup {}".format),
    tables.map("lookup {} suppress_prefixlength 0".format),
    tables.map("lookup {} suppress_ifgroup 3".format),
    st.sampled_from(["goto 32766", "goto 9999", "nop", "l3mdev", "blackhole", "unreachable", "prohibit"]),
    st.just("lookup local"),
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw the line that adds a rule."""
    words = [f"rule add pref {draw(st.integers(1, 32765))}"]
    words += draw(st.sampled_from([[], ["not"]]))
    words += [f"from {draw(networks)}"] * draw(st.booleans()) + [f"to {draw(networks)}"] * draw(st.booleans())
    words += draw(st.lists(selectors, max_size=2, unique_by=lambda text: text.split()[0]))
    words += [draw(actions)] + ["protocol kernel"] * draw(st.booleans())
    return " ".join(words)


@st.composite
def routes(draw: st.DrawFn) -> str:
    """Draw the line that adds a route."""
    dest = draw(st.sampled_from(["default", "1.2.3.4", "198.51.100.0/24", "0.0.0.0/1", "5.6.8.0/22"]))
    way = draw(
        st.sampled_from(
            [
                *("{} via 10.0.0.1", "{} via 10.1.0.1 dev e1 onlink", "{} dev e0 scope link src 10.0.0.2"),
                *("{} dev e1 scope link", "{} via 10.0.0.1 mtu 1400 advmss 1300", "unreachable {}"),
                *("throw {}", "blackhole {}", "prohibit {}", "local {} dev lo", "broadcast {} dev e0"),
                *("{} via 10.0.0.1 tos 0x10", "multicast {} dev e0"),
            ]
        )
    )
    more = draw(st.sampled_from(["", " metric 7", " metric 4294967295", " proto kernel", " proto 186"]))
    return (
        f"route add {way.format(dest)}{more} table {draw(st.sampled_from(['254', '21000', '21299', '77']))}"
    )


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Run commands in a namespace, in one shell."""
    reason = why_not_namespaces()
    if reason:
        pytest.skip(reason)
    argv = ["unshare", "--user", "--map-root-user", "--net", "sh"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        stdin, stdout = shell.stdin, shell.stdout
        assert stdin is not None
        assert stdout is not None

        def run(commands: str) -> str:
            stdin.write(f"{{ {commands}\n}} 2>/dev/null; echo =\n")
            stdin.flush()
            return "".join(iter(stdout.readline, "=\n"))

        run(BEGIN)
        yield run
        stdin.close()


def _network(row: Mapping[str, Any], name: str, nothing: str) -> str:
    if name not in row:
        return nothing
    length = row.get(f"{name}len", 32)
    return row[name] if row[name] == "all" or length == 32 else f"{row[name]}/{length}"


def _rule(row: Mapping[str, Any]) -> str:
    action = "goto" if "goto" in row else "nop" if "nop" in row else "lookup"
    if "action" in row:
        action = TYPES[int(row["action"]) - 1]
    table = "[l3mdev-table]" if "l3mdev" in row else row.get("table", row.get("goto", "-"))
    others = "others" if set(row) - PLAIN else "plain"
    words = (row["priority"], _network(row, "src", "all"), _network(row, "dst", "-"), action, table)
    return " ".join(map(str, ("rule", *words, row.get("suppress_prefixlen", -1), others)))


def _routes(rows: list[dict[str, Any]]) -> list[str]:
    told = []
    for row in rows:
        table, kind = int(row.get("table", 254)), TYPES[int(row.get("type", 1)) - 1]
        dest, via = row["dst"].removesuffix("/32"), row.get("gateway", "-")
        dev = row.get("dev", "-") if kind == "unicast" else "-"
        src = row.get("prefsrc", "-")
        if 21000 <= table < 21300:
            told.append(f"ours {table} {kind} {dest} {via} {dev} {src} {row.get('metric', 0)}")
        elif table == 254 and kind == "unicast" and dest != "default":
            told.append(f"main {dest} {via} {dev} {src}")
        elif table == 254 and kind == "unicast" and via != "-":
            told.append(f"default {dev} {via}")
    return told


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(added=st.lists(st.one_of(rules(), routes()), max_size=12))
def test_rules_and_routes_are_read_as_json_says(ask: Ask, added: list[str]) -> None:
    """Every drawn list, as the kernel took it: each rule and route is read once, with the same values."""
    lines = "\n".join(added)
    told = ask(f"{AGAIN}ip -force -batch - <<'END' >/dev/null\n{lines}\nEND\n{LOOK}")
    text, _, rest = told.partition("@end\n")
    rule_rows, route_rows = (json.loads(line) for line in rest.splitlines())

    argv = ["awk", "-v", "mode=check", "-v", "table_base=21000", "-v", "table_step=300", PARSER]
    read = subprocess.run(argv, input=f"{text}@end\n", capture_output=True, text=True, check=True).stdout

    expected = [*map(_rule, rule_rows), *_routes(route_rows)]
    assert Counter(read.splitlines()) == Counter(expected)
    assert [line for line in read.splitlines() if line.startswith("rule")] == expected[: len(rule_rows)]
