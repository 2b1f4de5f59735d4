"""Makes the sentences that the Linux script answers with out of its code words.

The script has room for a word and its facts only. A text of its answer is free text and items:

    @<word>|<fact>|<fact>...

An item without a word has the code of its problem as word. A text without an item, such as the Windows
script's, is a sentence already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRITE = (
    "cannot write below /etc/multieip, where the time of a set is kept: is the disk full or read-only? "
    "Nothing was changed. ({})"
)
SENTENCES: Final[Mapping[str, str]] = {
    # Codes of problems.
    "apply": "no change helps",
    "data": "the data of this script are damaged; render it again",
    "enslaved": "{} is a port of {}; take the ENI out of it",
    "locked": "another run holds the lock for more than {} s; wait for its end",
    "mode": "unknown mode",
    "no-interface": "no interface has the MAC {}; attach the ENI",
    "no-ip": "there is no ip command; install iproute2",
    "no-private-address": "{} has no private address {}; enable DHCP on it",
    "no-tools": "this machine cannot unpack the script; install gzip and awk, or busybox",
    "persistence": "a restart ends the EIPs:",
    "release": "not everything could be taken away:",
    "roll-back": "the old state of {} is not back:",
    "root": "this script needs root",
    "write": _WRITE,
    # Parts of the texts of problems.
    "absent": "{} has no interface",
    "arp": "gateway {} gives no ARP answer on {}",
    "carrier": "{} has no carrier: nothing arrives",
    "cut": "the comparison was cut off:",
    "do": "to be done: {}",
    "down": "{} is down",
    "elsewhere": "EIP {} is on interface {} already; take it away there first",
    "full": "16 ENIs have their numbers here; release one",
    "idle": "{} does not start the keeper",
    "leave": "replies of {} leave by {}, not by {} via {}",
    "primary": "{} is the primary interface; EIPs of this mode belong to a secondary ENI",
    "route": "table {} holds a route of somebody else ({}); move it out of {}",
    "rule": "rule {} ({}) of somebody else looks up table {}; move it out of {}",
    "stays": "cannot take {} away",
    "steals": "rule {} ({}) takes replies of {} to {}; give it a priority above {}",
    "theirs": "{} exists and is not ours; move it away",
    # Notes.
    "moved": "released {}: not attached, and an EIP of it is wanted elsewhere",
    "nobody": "no systemd and no inittab: nothing keeps the EIPs",
    "ping": "without ping the gateways were not asked",
}
_ITEM = re.compile(rf"@({'|'.join(map(re.escape, SENTENCES))}|)\|")


def in_words(text: str, code: str = "") -> str:
    """Write the text out as sentences; whatever is no item of ours stays as it is, and nothing is lost."""
    free, *items = _ITEM.split(text)
    said = free
    for word, facts in zip(items[::2], items[1::2], strict=True):
        sentence = _sentence(word or code, facts)
        said += sentence if not said else f"{' ' if said.endswith(':') else '; '}{sentence}"
    return said


def _sentence(word: str, facts: str) -> str:
    """Fill a sentence in; with facts too few, as after a cut, it is the word and its facts."""
    form = SENTENCES.get(word)
    if form is None:
        return f"{word} {facts}".strip()
    count = form.count("{}")
    # What a colon announces may be free text; else the last fact may hold anything.
    pieces = facts.split("|", count if form.endswith(":") else max(count - 1, 0))
    if len(pieces) < count:
        return f"{word}: {' '.join(pieces)}"
    rest = " ".join(pieces[count:]).strip()
    return f"{form.format(*pieces[:count])} {rest}".strip()
