"""What may be told of a failed call: host and kind of the failure; never an address, a key or a signature.

The vendor's SDKs put the whole signed address into their messages: token, key id and signature.
"""

from __future__ import annotations

import re
from typing import Final

_SIGNING: Final = (
    "SecurityToken|AccessKeyId|AccessKeySecret|SignatureNonce|Signature|x-acs-security-token|Authorization"
)
# Compiled with their first use: a run that is refused nothing should not wait for it.
_PARAMETER: Final = rf"(?i)\b({_SIGNING})(=|%3D|%253D|: ?|\": ?\")[^\s&'\",;)\]]+"
_SIGNED_TEXT: Final = r"(?is)\bstring to sign is\b.*"
_KEY: Final = r"\b(LTAI|STS\.)[A-Za-z0-9.]{6,}"
_HOST: Final = r"host='?([A-Za-z0-9.-]+)'?(?:, port=(\d+))?"
_KIND: Final = r"\b([A-Z][A-Za-z]*(?:Error|Timeout|Exception))\b"


def redact(text: str) -> str:
    """Return the text without what signs a call."""
    text = re.sub(_SIGNED_TEXT, "string to sign is (left out)", text)
    text = re.sub(_PARAMETER, lambda found: f"{found[1]}=(left out)", text)
    return re.sub(_KEY, "(key left out)", text)


def no_answer(error: BaseException) -> str:
    """Say that a connection brought no answer: to which host, and what kind of failure it was."""
    said = str(error)
    host = re.search(_HOST, said)
    kinds = [each for each in re.findall(_KIND, said) if each not in {"HTTPSConnectionPool", "MaxRetryError"}]
    kind = kinds[-1] if kinds else ("timed out" if "timed out" in said else type(error).__name__)
    where = f" from {host[1]}{f':{host[2]}' if host[2] else ''}" if host else ""
    return f"no answer{where} ({kind})"
