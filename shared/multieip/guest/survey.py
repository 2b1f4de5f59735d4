"""What is in many guests, read with one command per operating system instead of one per group."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from multieip.cloud import assistant
from multieip.cloud.listing import batched
from multieip.cloud.parallel import Threads
from multieip.cloud.refusals import is_denied, is_throttling
from multieip.dataclass import dataclass, field, replace
from multieip.errors import AnswerError, CloudError, GuestError, RefusedError, WantedSetError
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.guest.windows_script import windows_script
from multieip.model.facts import Reading, Unread
from multieip.model.guest import EipReport, GuestReport, Mode, NicReport
from multieip.model.resources import EniStatus, InstanceId, InstanceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from multieip.model.facts import Facts
    from multieip.model.resources import Region
    from multieip.ports import Api, Clock, Parallel, Pending

_IN_GUEST_S: Final = 60
_ON_THE_WAY_S: Final = 75
"""A command that cannot be delivered is given up by Cloud Assistant after about a minute."""
_SERVER_ERROR: Final = 500
_QUOTA: Final = "Invocation.ExceedQuota"
"""The account has sent as many commands as it may in a day."""


_FIRST_LOOK_S: Final = 1.75
"""A survey takes about a second and a half: a look before that would only be one more call."""

_PAUSES_S: Final = (0.5, 1.0, 2.0, 3.0)
_AT_ONCE: Final = 40
"""Commands under way together."""


@dataclass(frozen=True, slots=True)
class _Guest:
    """One instance to ask."""

    instance: InstanceId
    windows: bool


@dataclass(slots=True)
class _Asked:
    """One command on its way: to whom, under which id, and when its answer is looked for next."""

    batch: Sequence[_Guest]
    invocation: str
    look_at: float
    until: float
    looks: int = 0
    ended: dict[InstanceId, assistant.CommandOutput] = field(default_factory=dict)


class GuestSurvey:
    """Asks the guests of one region, many commands side by side. Changes nothing: the command only reads."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        region: Region,
        *,
        deadline: float,
        new_token: Callable[[], str],
        parallel: Parallel | None = None,
    ) -> None:
        """Stop waiting for guests at `deadline`, a reading of `clock.monotonic()`."""
        self._api = api
        self._clock = clock
        self._region = region
        self._deadline = deadline
        self._new_token = new_token
        self._parallel = parallel or Threads()
        self._answers: dict[InstanceId, GuestReport | str] = {}

    def add_to(self, everything: Sequence[Facts]) -> tuple[Facts, ...]:
        """Return the same facts, with each guest's report or with the reason why there is none.

        A group whose ENI is not attached to its running instance has nothing in a guest to look at.
        """
        asked = [facts for facts in everything if _has_guest(facts) and _is_reachable(facts)]
        self._answers = {}
        self._ask_all(list(_batches(_guests(asked))))
        return tuple(_with_answer(facts, self._answers) for facts in everything)

    def _ask_all(self, waiting: list[Sequence[_Guest]]) -> None:
        """Send what is waiting and look for answers in turn, until every guest has one or a reason."""
        under_way: list[_Asked] = []
        while waiting or under_way:
            free = _AT_ONCE - len(under_way)
            now, waiting = waiting[:free], waiting[free:]
            sent, halves = self._send(now)
            under_way, waiting = under_way + sent, halves + waiting
            if under_way and (not waiting or len(under_way) >= _AT_ONCE):
                under_way = self._look(under_way)

    def _send(self, batches: Sequence[Sequence[_Guest]]) -> tuple[list[_Asked], list[Sequence[_Guest]]]:
        """Send commands side by side; one bad instance fails a whole call, so that one is asked in halves."""
        begun = [(batch, self._parallel.submit(partial(self._command, batch))) for batch in batches]
        sent: list[_Asked] = []
        halves: list[Sequence[_Guest]] = []
        for batch, pending in begun:
            asked = self._sent(batch, pending, halves)
            sent += [asked] if asked else []
        return sent, halves

    def _sent(
        self, batch: Sequence[_Guest], pending: Pending[_Asked], halves: list[Sequence[_Guest]]
    ) -> _Asked | None:
        try:
            return pending.result()
        except (RefusedError, WantedSetError) as fault:
            if len(batch) > 1 and _is_about_one(fault):
                halves += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
            else:
                self._no_answer(batch, _reason(fault))
        except (CloudError, GuestError) as fault:
            self._no_answer(batch, str(fault))
        return None

    def _command(self, batch: Sequence[_Guest]) -> _Asked:
        if self._clock.monotonic() >= self._deadline:
            raise GuestError("no time was left to ask the guest")
        windows = batch[0].windows
        order = assistant.Order(
            region=self._region,
            instances=tuple(guest.instance for guest in batch),
            content=_content(batch),
            kind="RunPowerShellScript" if windows else "RunShellScript",
            name="multi-eip-survey",
            timeout_s=_IN_GUEST_S,
            reads=True,
        )
        invocation = assistant.send(
            self._api, self._clock, order, deadline=self._deadline, new_token=self._new_token
        )
        now = self._clock.monotonic()
        until = min(self._deadline, now + _IN_GUEST_S + _ON_THE_WAY_S)
        return _Asked(batch, invocation, min(now + _FIRST_LOOK_S, until), until)

    def _look(self, under_way: Sequence[_Asked]) -> list[_Asked]:
        """Wait for the next moment at which an answer is due, look there, and return what is still open."""
        due = min(asked.look_at for asked in under_way)
        self._clock.sleep(max(0.0, due - self._clock.monotonic()))
        now = self._clock.monotonic()
        begun = [
            (asked, self._parallel.submit(partial(self._ended, asked)))
            for asked in under_way
            if asked.look_at <= now
        ]
        open_still = [asked for asked in under_way if asked.look_at > now]
        return open_still + [asked for asked, pending in begun if not self._is_over(asked, pending)]

    def _is_over(self, asked: _Asked, pending: Pending[dict[InstanceId, assistant.CommandOutput]]) -> bool:
        try:
            asked.ended = pending.result()
        except CloudError as fault:
            self._no_answer(asked.batch, str(fault))
            return True
        return self._settled(asked)

    def _ended(self, asked: _Asked) -> dict[InstanceId, assistant.CommandOutput]:
        return assistant.ended_of(self._api, self._region, asked.invocation)

    def _settled(self, asked: _Asked) -> bool:
        """Take what has ended, where that is all or time is over; else say when to look next."""
        now = self._clock.monotonic()
        if len(asked.ended) < len(asked.batch) and now < asked.until:
            pause = _PAUSES_S[min(asked.looks, len(_PAUSES_S) - 1)]
            asked.looks += 1
            asked.look_at = min(now + pause, asked.until)
            return False
        for guest in asked.batch:
            self._answers[guest.instance] = _answer(asked.ended.get(guest.instance))
        return True

    def _no_answer(self, batch: Sequence[_Guest], reason: str) -> None:
        self._answers.update({guest.instance: reason for guest in batch})


def seen_for(report: GuestReport, facts: Facts) -> GuestReport:
    """Return a survey's report as a check for this group's EIPs would have it.

    A survey is not told what is wanted: an EIP that is missing is not in it, and one that is not wanted
    any more is in it like the others.
    """
    eni = facts.eni
    if eni is None:
        return report
    expected = [IPv4Address(eip.address) for eip in facts.eips if facts.is_bound(eip)]
    nics = tuple(_nic_for(nic, expected) if nic.mac.lower() == eni.mac else nic for nic in report.nics)
    return replace(report, nics=nics)


def _nic_for(nic: NicReport, expected: Sequence[IPv4Address]) -> NicReport:
    told = {eip.ip: eip for eip in nic.eips}
    lengths = {interface.ip: interface.network.prefixlen for interface in nic.addresses}
    eips = tuple(
        told.get(ip) or EipReport(ip, ip in lengths, lengths.get(ip), None, False, False, None)
        for ip in expected
    )
    unwanted = [ip for ip, eip in told.items() if eip.present and ip not in expected]
    foreign = [ip for ip in (*nic.foreign_eips, *unwanted) if ip not in expected]
    return replace(nic, eips=eips, foreign_eips=tuple(dict.fromkeys(foreign)))


def _has_guest(facts: Facts) -> bool:
    eni, instance = facts.eni, facts.instance
    return (
        eni is not None
        and instance is not None
        and eni.instance == instance.id
        and eni.status is EniStatus.IN_USE
        and instance.status is InstanceStatus.RUNNING
    )


def _is_reachable(facts: Facts) -> bool:
    return facts.assistant is not None and facts.assistant.online


def _guests(asked: Sequence[Facts]) -> list[_Guest]:
    windows = {facts.instance.id: facts.instance.windows for facts in asked if facts.instance}
    return [_Guest(instance, windows[instance]) for instance in sorted(windows)]


def _batches(guests: Sequence[_Guest]) -> Iterator[Sequence[_Guest]]:
    """Yield who is asked with one command: one kind of system, and not more than a command takes."""
    for windows in (False, True):
        yield from batched([guest for guest in guests if guest.windows is windows], assistant.MOST_INSTANCES)


def _content(batch: Sequence[_Guest]) -> str:
    """Return one content for all: guests report everything that they have."""
    render = windows_script if batch[0].windows else linux_script
    return render(Mode.CHECK, (), survey=True)


def _is_about_one(fault: RefusedError | WantedSetError) -> bool:
    if isinstance(fault, WantedSetError):
        return True
    if fault.code == _QUOTA:
        return False
    passing = fault.http_status >= _SERVER_ERROR or is_throttling(fault.code)
    return not passing and not is_denied(fault.code)


def _reason(fault: Exception) -> str:
    """Return why a guest was not asked; what nothing but another day or a higher quota cures says so."""
    if isinstance(fault, RefusedError) and fault.code == _QUOTA:
        return (
            "the daily quota of Cloud Assistant is used up; raise it in the Quota Center, sweep less often, "
            f"or wait for tomorrow ({fault})"
        )
    return str(fault)


def _answer(output: assistant.CommandOutput | None) -> GuestReport | str:
    if output is None:
        return "the guest did not answer in time"
    try:
        return read_answer(output.output)
    except AnswerError as error:
        return f"the command ended {output.status} (exit {output.exit_code}) {output.error}: {error}"


def _with_answer(facts: Facts, answers: Mapping[InstanceId, GuestReport | str]) -> Facts:
    if not _has_guest(facts) or facts.instance is None:
        return facts
    instance = facts.instance.id
    answer = answers.get(instance, f"not asked: Cloud Assistant on {instance} is not known to be online")
    if isinstance(answer, str):
        return replace(facts, unread={**facts.unread, Reading.GUEST: Unread(answer)})
    return replace(facts, guest=seen_for(answer, facts))
