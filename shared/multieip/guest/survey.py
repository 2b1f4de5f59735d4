"""What is in many guests, read with one command per operating system instead of one per group."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from multieip.cloud import assistant
from multieip.cloud.refusals import is_denied, is_throttling
from multieip.dataclass import dataclass, replace
from multieip.errors import AnswerError, CloudError, GuestError, RefusedError, WantedSetError
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.guest.windows_script import windows_script
from multieip.model.facts import Reading, Unread
from multieip.model.guest import EipReport, GuestReport, Mode, NicReport
from multieip.model.resources import EniStatus, InstanceId, InstanceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from multieip.model.facts import Facts
    from multieip.model.resources import Region
    from multieip.ports import Api, Clock

_IN_GUEST_S: Final = 60
_ON_THE_WAY_S: Final = 75
"""A command that cannot be delivered is given up by Cloud Assistant after about a minute."""
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class _Guest:
    """One instance to ask."""

    instance: InstanceId
    windows: bool


class GuestSurvey:
    """Asks the guests of one region. Changes nothing: the command only reads."""

    def __init__(
        self, api: Api, clock: Clock, region: Region, *, deadline: float, new_token: Callable[[], str]
    ) -> None:
        """Stop waiting for guests at `deadline`, a reading of `clock.monotonic()`."""
        self._api = api
        self._clock = clock
        self._region = region
        self._deadline = deadline
        self._new_token = new_token

    def add_to(self, everything: Sequence[Facts]) -> tuple[Facts, ...]:
        """Return the same facts, with each guest's report or with the reason why there is none.

        A group whose ENI is not attached to its running instance has nothing in a guest to look at.
        """
        asked = [facts for facts in everything if _has_guest(facts) and _is_reachable(facts)]
        answers = self._ask_all(_guests(asked))
        return tuple(_with_answer(facts, answers) for facts in everything)

    def _ask_all(self, guests: Sequence[_Guest]) -> dict[InstanceId, GuestReport | str]:
        answers: dict[InstanceId, GuestReport | str] = {}
        for windows in (False, True):
            some = [guest for guest in guests if guest.windows is windows]
            for start in range(0, len(some), assistant.MOST_INSTANCES):
                answers.update(self._ask(some[start : start + assistant.MOST_INSTANCES]))
        return answers

    def _ask(self, batch: Sequence[_Guest]) -> Mapping[InstanceId, GuestReport | str]:
        """Ask a batch; one bad instance fails the whole call, so a refused batch is asked in halves."""
        if self._clock.monotonic() >= self._deadline:
            return {guest.instance: "no time was left to ask the guest" for guest in batch}
        try:
            outputs = self._run(batch)
        except (RefusedError, WantedSetError) as fault:
            if len(batch) == 1 or not _is_about_one(fault):
                return {guest.instance: str(fault) for guest in batch}
            half = len(batch) // 2
            return {**self._ask(batch[:half]), **self._ask(batch[half:])}
        except (CloudError, GuestError) as fault:
            return {guest.instance: str(fault) for guest in batch}
        return {guest.instance: _answer(outputs.get(guest.instance)) for guest in batch}

    def _run(self, batch: Sequence[_Guest]) -> dict[InstanceId, assistant.CommandOutput]:
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
        latest = min(self._deadline, self._clock.monotonic() + _IN_GUEST_S + _ON_THE_WAY_S)
        return assistant.run(self._api, self._clock, order, deadline=latest, new_token=self._new_token)


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


def _content(batch: Sequence[_Guest]) -> str:
    """Return one content for all: guests report everything that they have."""
    render = windows_script if batch[0].windows else linux_script
    return render(Mode.CHECK, (), survey=True)


def _is_about_one(fault: RefusedError | WantedSetError) -> bool:
    if isinstance(fault, WantedSetError):
        return True
    passing = fault.http_status >= _SERVER_ERROR or is_throttling(fault.code)
    return not passing and not is_denied(fault.code)


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
