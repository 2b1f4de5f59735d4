"""The kinds of faults there are, in families: what happens, and the keys that belong to a kind alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault. `numbers` are keys with a number from 0, `words` keys with any text."""

    family: str
    text: str
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


_CALLS = {
    "throttle": Kind("calls", "code=Throttling | Throttling.User | Throttling.Api", words=("code",)),
    "unavailable": Kind("calls", "503 ServiceUnavailable"),
    "internal": Kind("calls", "500 InternalError"),
    "error": Kind("calls", "code, status, message: any refusal", ("status",), ("code", "message")),
    "conflict": Kind("calls", "code=OperationConflict: a refusal with status 409", words=("code",)),
    "signature": Kind("calls", "SignatureDoesNotMatch in words without the colon that SDKs look for"),
    "expire": Kind(
        "calls", "the caller's temporary credentials have just expired, for this call and all later ones"
    ),
    "deny": Kind(
        "calls", "the permission is missing (Forbidden.RAM; an empty list where the cloud gives one)"
    ),
    "reset-before": Kind("calls", "the connection ends before the call took effect"),
    "reset-after": Kind("calls", "the call takes effect and its answer is lost"),
    "bad-gateway": Kind("calls", "status=502: a page of HTML instead of an answer; no effect", ("status",)),
    "html": Kind("calls", "status=200: the call takes effect and its answer is a page of HTML", ("status",)),
    "slow": Kind("calls", "seconds: the answer comes late", ("seconds",)),
}
_CHANGES = {
    "stuck": Kind("changes", "the change that the call starts never ends by itself"),
    "lingers": Kind(
        "changes", "seconds=180: the change takes so long, whatever the profile says", ("seconds",)
    ),
    "falls-back": Kind("changes", "the change ends where it began (an attach that failed)"),
    "nothing": Kind(
        "changes", "the call is accepted and nothing happens (calls that make something are left out)"
    ),
}
_LISTS = {
    "unlisted": Kind("lists", "reads: the new object is missing from so many lists", ("reads",)),
    "lag": Kind(
        "lists",
        "writes=N or seconds=S: the list finds by tag what carried the tags so long ago; rows show today's",
        ("writes", "seconds"),
    ),
    "short": Kind(
        "lists", "rows=1: so many rows are missing from the page; TotalCount still counts them", ("rows",)
    ),
    "empty": Kind("lists", "no rows, with TotalCount as if there were"),
    "count": Kind("lists", "by=1 (or -1): TotalCount is wrong by so many", words=("by",)),
    "smaller": Kind("lists", "most=50: a page holds no more, and says so in its PageSize", ("most",)),
    "moves": Kind(
        "lists",
        "by=1 (or -1): behind the first page the rows have moved; some are on no page, or on two",
        words=("by",),
    ),
    "row-tags": Kind(
        "lists", "rows lack the tags by which they were found, or carry value=TEXT there", words=("value",)
    ),
    "deep-page": Kind(
        "lists",
        "Throttling.DeepPageSkip for each page from=N on; without it for one that does not follow the last",
        ("from",),
    ),
    "tag-limit": Kind("lists", "most=1000: a list by tag ends there", ("most",)),
    "repeat-token": Kind("lists", "NextToken is the one that was sent"),
}
_FIELDS = {
    "field": Kind(
        "fields",
        "name=FIELD is as=absent, null, empty, text, number or words (objects as bare texts), or value=TEXT; "
        "rows=N: in the first N rows only",
        ("rows",),
        ("name", "as", "value"),
    ),
}
_COMMANDS = {
    "offline": Kind(
        "commands", "Cloud Assistant is not connected (RunCommand, DescribeCloudAssistantStatus)"
    ),
    "undelivered": Kind("commands", "the command never reaches the agent (Aborted, DeliveryTimeout)"),
    "timeout": Kind(
        "commands",
        "it is reported as timed out and goes on: its work is done late=5 seconds after",
        ("late",),
    ),
    "queued": Kind(
        "commands", "seconds=30: the command waits in the agent's queue; later ones overtake it", ("seconds",)
    ),
    "runs-anyway": Kind("commands", "StopInvocation: what is stopped while it waits runs all the same"),
    "agent-restart": Kind(
        "commands",
        "the agent restarts in the middle: the script goes on, its result never comes (answer=lost) or says "
        "that the script file exists (answer=existed)",
        words=("answer",),
    ),
    "killed": Kind(
        "commands",
        "writes=N: the script is killed after so many of its writes (exit code 137) and undone 90 s later; "
        "for a simulated guest and the script that it knows",
        ("writes",),
    ),
    "noexec": Kind("commands", "the agent's scripts lie on a noexec mount: exit code 126"),
    "truncate": Kind("commands", "bytes: the command's output is cut there", ("bytes",)),
    "hostile": Kind("commands", "the command's output is preceded by noise that is no answer"),
    "client": Kind("commands", "error: ErrorCode of a command that could not be run", words=("error",)),
}

KINDS: Mapping[str, Kind] = {**_CALLS, **_CHANGES, **_LISTS, **_FIELDS, **_COMMANDS}

# What the key `as` of the kind `field` may say.
FIELD_FORMS = ("absent", "null", "empty", "text", "number", "words")
