"""The errors this program raises on purpose, and what a caller should make of each.

MultiEipError
├── SettingsError            the environment is wrong; every fault is listed
├── CredentialsError         there are no keys to call the cloud with
│   └── TokenEndedError      they ended in the middle of a run; the next invocation gets fresh ones
├── RequestError             the payload of a call is wrong; nothing was read or written
├── CloudError               something outside did not do what was asked
│   ├── RefusedError         the cloud answered with a code (see `multieip.cloud.refusals`)
│   ├── LostAnswerError      no answer came: the effect is unknown, read before repeating
│   ├── UnreadableError      an answer came that lacks what its API promises
│   │   ├── ContradictionError   it contradicts itself: read once more, then it is unread, never empty
│   │   └── GarbledError     it is none of the API's at all (a gateway's page): it passes, ask again
│   └── TooLateError         the time of the run is over; the call was not begun
├── GuestError               the guest could not be asked, or what it said is not an answer
└── RunFailedError           a run ended in state `failed`; carries the result as JSON
"""

from __future__ import annotations


class MultiEipError(Exception):
    """Base of all errors of this program."""


class SettingsError(MultiEipError):
    """The environment does not describe a valid configuration."""

    def __init__(self, faults: list[str]) -> None:
        """Keep every fault, so that one look is enough to mend them all."""
        super().__init__("settings: " + "; ".join(faults))
        self.faults = tuple(faults)


class CredentialsError(MultiEipError):
    """No keys were found to call the cloud with."""


class TokenEndedError(CredentialsError):
    """The keys ended in the middle of a run, and there are no fresher ones: only another invocation helps."""


class RequestError(MultiEipError):
    """What the caller sent cannot be understood; nothing was changed."""


class CloudError(MultiEipError):
    """A call to the cloud did not end as asked."""

    def __init__(self, action: str, message: str, *, request_id: str = "") -> None:
        """Say which action it was; `request_id` is what the vendor's support asks for."""
        suffix = f" (request {request_id})" if request_id else ""
        super().__init__(f"{action}: {message}{suffix}")
        self.action = action
        self.text = message
        self.request_id = request_id


class RefusedError(CloudError):
    """The cloud answered the call with an error code."""

    def __init__(
        self, action: str, code: str, message: str, *, http_status: int = 400, request_id: str = ""
    ) -> None:
        """Keep the code and the cloud's own words apart from ours."""
        super().__init__(action, f"{code}: {message}", request_id=request_id)
        self.code = code
        self.cloud_message = message
        self.http_status = http_status


class LostAnswerError(CloudError):
    """The connection ended before an answer; whether the call took effect is unknown."""


class TooLateError(CloudError):
    """The time of the run is over: the call was not begun, because it might have ended after the run."""


class UnreadableError(CloudError):
    """The answer does not have the form that its API promises."""


class ContradictionError(UnreadableError):
    """The answer contradicts itself (its count, its pages, one id twice); the next one may not."""


class GarbledError(UnreadableError):
    """What came is no answer of the API, but a page of something on the way; it may have acted or not."""


class GuestError(MultiEipError):
    """The guest could not be asked, or its output holds no answer of ours."""


class RunFailedError(MultiEipError):
    """A run ended in state `failed`; `result` is what the caller would have got as JSON."""

    def __init__(self, message: str, result: str) -> None:
        """Carry the whole result, so that a failed function loses nothing."""
        super().__init__(f"{message} {result}")
        self.result = result


class WantedSetError(GuestError):
    """The wanted set is refused before any script is made from it."""


class AnswerError(GuestError):
    """A command's output holds no complete answer of the guest script."""
