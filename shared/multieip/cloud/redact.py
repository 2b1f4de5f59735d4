"""What may be told of a failed call: host and kind of the failure; never an address, a key or a signature.

The vendor's SDKs put the whole signed address into their messages: token, key id and signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNING: Final = (
    "SecurityToken|AccessKeyId|AccessKeySecret|SignatureNonce|Signature|x-acs-security-token|Authorization"
)
# Compiled with their first use: a run that is refused nothing should not wait for it.
_PARAMETER: Final = rf"(?i)(?<![A-Za-z])({_SIGNING})(=|%3D|%253D|: ?|\": ?\")[^\s&'\",;)\]]+"
_SIGNED_TEXT: Final = r"(?is)\bstring to sign is\b.*"
_KEY: Final = r"\b(LTAI|STS\.)[A-Za-z0-9.]{6,}"
_CODED: Final = r"[A-Za-z0-9+/]{64,}={0,2}"
"""No message of the cloud's needs so long a word; what was sent may stand in it."""
_HOST: Final = r"host='?([A-Za-z0-9.-]+)'?(?:, port=(\d+))?"
_KIND: Final = r"\b([A-Z][A-Za-z]*(?:Error|Timeout|Exception))\b"


_LEFT_OUT: Final = "(left out)"
_SHORTEST: Final = 8
"""What is shorter is no key of the cloud's, and may be a part of any word."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without what signs a call.

    `secrets` are the keys that it was signed with: they go wherever they stand, also quoted or in base64.
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            for form in _forms(secret):
                text = text.replace(form, _LEFT_OUT)
    text = re.sub(_CODED, _LEFT_OUT, text)
    text = re.sub(_SIGNED_TEXT, "string to sign is (left out)", text)
    text = re.sub(_PARAMETER, lambda found: f"{found[1]}=(left out)", text)
    return re.sub(_KEY, "(key left out)", text)


def _forms(secret: str) -> list[str]:
    """Return how a text may stand in an answer: as it is, in percent, percent of that, base64 of each."""
    from base64 import b64encode  # noqa: PLC0415  a run that is refused nothing needs none of it
    from urllib.parse import quote  # noqa: PLC0415

    once = {quote(secret, safe=""), quote(secret)}
    texts = {secret, *once, *(quote(form, safe=safe) for form in once for safe in ("", "/"))}
    # Three bytes are four letters; the first and the last letters depend on what stands beside.
    coded = {
        b64encode((" " * shift + text).encode()).decode()[4 if shift else 0 : -4]
        for text in texts
        for shift in range(3)
    }
    kept = {form for form in (*texts, *coded) if len(form) >= _SHORTEST}
    return sorted(kept, key=len, reverse=True)


def no_answer(error: BaseException) -> str:
    """Say that a connection brought no answer: to which host, and what kind of failure it was."""
    said = str(error)
    host = re.search(_HOST, said)
    kinds = [each for each in re.findall(_KIND, said) if each not in {"HTTPSConnectionPool", "MaxRetryError"}]
    kind = kinds[-1] if kinds else ("timed out" if "timed out" in said else type(error).__name__)
    where = f" from {host[1]}{f':{host[2]}' if host[2] else ''}" if host else ""
    return f"no answer{where} ({kind})"
