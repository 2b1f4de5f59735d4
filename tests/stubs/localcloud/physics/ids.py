"""Identifiers in the forms the cloud uses, from a seed, so that a run can be replayed."""

from __future__ import annotations

import random

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_HEX = "0123456789abcdef"

# The two or three characters that ids of a region begin with, as far as they are publicly visible.
_REGION_MARKS = {
    "cn-hangzhou": "bp1",
    "cn-shanghai": "uf6",
    "cn-beijing": "2ze",
    "cn-shenzhen": "wz9",
    "ap-southeast-1": "t4n",
}


class IdSource:
    """Makes ids that look like the cloud's and never repeat within one cloud."""

    def __init__(self, seed: int) -> None:
        """Promise: the same seed gives the same ids in the same order of calls."""
        self._random = random.Random(seed)
        self._given: set[str] = set()

    def resource(self, prefix: str, region: str) -> str:
        """Return an id such as `eni-uf6…`, twenty characters after the prefix."""
        mark = _REGION_MARKS.get(region, "gw0")
        while True:
            tail = "".join(self._random.choices(_ALPHABET, k=17))
            made = f"{prefix}-{mark}{tail}"
            if made not in self._given:
                self._given.add(made)
                return made

    def guid(self) -> str:
        """Return a request id: upper-case GUID."""
        digits = f"{self._random.getrandbits(128):032X}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def mac(self) -> str:
        """Return a MAC address under the vendor's prefix 00:16:3e."""
        while True:
            tail = f"{self._random.getrandbits(24):06x}"
            made = f"00:16:3e:{tail[:2]}:{tail[2:4]}:{tail[4:]}"
            if made not in self._given:
                self._given.add(made)
                return made

    def token(self, length: int) -> str:
        """Random letters and digits, for secrets, tokens and paging marks."""
        return "".join(self._random.choices(_ALPHABET, k=length))
