"""The steps that a guest takes: its command is sent with a newer stamp than any before, and waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass, replace
from multieip.errors import CloudError, GuestError, RefusedError, TooLateError
from multieip.guest.wanted import mask_of
from multieip.model.facts import Facts, Reading
from multieip.model.guest import GuestEip, GuestNic, GuestReport, Stamp, State
from multieip.model.resources import Gateway
from multieip.plan.steps import ConfigureGuest, GuestStep
from multieip.runs import guest_command
from multieip.runs.outcome import Done, Fared, refused, said
from multieip.runs.waiting import Change, Durations, Timer, poll_pauses

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.ports import Api

_MOST_READS: Final = 3
"""So often the gateways are read where some are not told; two answers in a row are hardly both short."""


@dataclass(frozen=True, slots=True)
class WantedSet:
    """What is sent to a guest; a `lean` one may lack what is bound, so the guest drops nothing by it."""

    nic: GuestNic
    lean: bool


class GuestSteps:
    """Asks the guest, and remembers the newest stamp that it has shown."""

    def __init__(  # noqa: PLR0913  what a guest is asked with, each its own thing
        self,
        api: Api,
        timer: Timer,
        durations: Durations,
        *,
        gateways: Callable[[Facts], Facts],
        new_token: Callable[[], str],
        run: str,
        rule_priority: int,
        fresh_s: float,
    ) -> None:
        """`gateways` reads those again; `new_token` gives ClientTokens, `run` is in stamps.

        A list of what is bound that is older than `fresh_s` does not tell what the guest may drop.
        `rule_priority` is where the rules of EIPs are to stand in a Linux guest.
        """
        self._api = api
        self._timer = timer
        self._clock = timer.clock
        self._durations = durations
        self._gateways = gateways
        self._new_token = new_token
        self._run = run
        self._rule_priority = rule_priority
        self._fresh_s = fresh_s
        self._newest_ms = 0
        self._held: dict[str, Gateway] = {}

    def perform(self, step: GuestStep, facts: Facts) -> Done:
        """Send the command and wait for the guest's answer."""
        try:
            wanted, facts = self.prepared(step, facts)
            command = self.send(step, wanted, facts)
            report = self._answer(command, step)
        except GuestError as error:
            return Done(Fared.FAILED, facts, str(error))
        except RefusedError as refusal:
            return refused(refusal, facts)
        except TooLateError:
            raise
        except CloudError as lost:
            return Done(Fared.LOST, facts, str(lost))
        at = self._clock.monotonic()
        facts = replace(facts, guest=report)
        if report.state is not State.OK:
            return Done(
                Fared.FAILED, facts, said(report), report=report, answered_at=at, changed=report.changed
            )
        fared = Fared.DONE if report.changed else Fared.ALREADY
        served = step if isinstance(step, ConfigureGuest) else None
        return Done(fared, facts, report=report, answered_at=at, served=served, changed=report.changed)

    def prepared(self, step: GuestStep, facts: Facts) -> tuple[WantedSet, Facts]:
        """Return the set that the step wants in the guest; `GuestError` where a gateway cannot be known."""
        lean = False
        if isinstance(step, ConfigureGuest):
            lean = self._clock.monotonic() - facts.listed_at > self._fresh_s
            for _ in range(_MOST_READS):
                if set(step.addresses) <= {gateway.address for gateway in facts.gateways or ()}:
                    break
                # An answer may be short, and nothing in it says so: what it lacks would leave the guest.
                facts = self._gateways(facts)
            if Reading.GATEWAYS in facts.unread:
                raise GuestError(_unread_gateways(facts))
            if more := _bound_meanwhile(step, facts):
                raise GuestError(f"others have bound {more} meanwhile; look again")
        return self._wanted(step, facts, lean=lean), facts

    def _wanted(self, step: GuestStep, facts: Facts, *, lean: bool) -> WantedSet:
        """Let what stays and has no gateway by the cloud's answer keep the one that the guest has for it."""
        told = {gateway.address: gateway for gateway in facts.gateways or ()}
        kept = {eip.address for eip in step.keep} if isinstance(step, ConfigureGuest) else set()
        known = {address: gateway for address, gateway in self._held.items() if address in kept} | told
        nic = guest_command.wanted_of(step, tuple(known.values()))
        return WantedSet(nic, lean=lean or not kept <= known.keys())

    def send(self, step: GuestStep, wanted: WantedSet, facts: Facts) -> guest_command.Sent:
        """Send the command for a prepared set, and do not wait for its answer."""
        stamp = Stamp(max(facts.asof_ms, self._newest_ms + 1), self._run)
        self._newest_ms = stamp.asof_ms
        content = guest_command.content_of(step, wanted.nic, stamp, self._rule_priority, lean=wanted.lean)
        return guest_command.send(self._api, step, content, stamp, self._clock.monotonic(), self._new_token)

    def _answer(self, command: guest_command.Sent, step: GuestStep) -> GuestReport:
        self._timer.sleep_until(command.at + self._durations.predict(Change.COMMAND), step.title)
        pauses = poll_pauses(self._clock.monotonic() - command.at)
        asked = 0
        while True:
            asked, at = asked + 1, self._clock.monotonic()
            report = guest_command.answer_of(self._api, command)
            if report is not None:
                self._durations.learn(Change.COMMAND, at - command.at, late=asked > 1)
                self.heard(report)
                return report
            if self._clock.monotonic() - command.at > guest_command.GIVEN_UP_S:
                raise GuestError(
                    f"command {command.invocation} has not ended on {command.instance}; "
                    f"look at it in Cloud Assistant"
                )
            self._timer.sleep(next(pauses), step.title)

    def heard(self, report: GuestReport) -> None:
        """Remember the newest stamp that the guest has shown: the next set must be newer; and what it has."""
        stamps = [nic.stamp for nic in report.nics if nic.stamp is not None]
        if report.held is not None:
            stamps.append(report.held.stamp)
            self._held |= {str(eip.ip): _gateway_of(eip) for eip in report.held.eips}
        self._newest_ms = max([self._newest_ms, *(stamp.asof_ms for stamp in stamps)])


def _gateway_of(eip: GuestEip) -> Gateway:
    return Gateway(str(eip.ip), str(eip.gateway), mask_of(eip.plen))


def _bound_meanwhile(step: ConfigureGuest, facts: Facts) -> str:
    """Name the EIPs that reading the gateways has shown on the ENI, and that the set would take out."""
    if step.narrow or step.target.instance.windows:
        return ""
    known = {eip.id for eip in (*step.must, *step.keep, *facts.eips)}
    return ", ".join(eip.id for eip in facts.eips_outside if eip.id not in known)


def _unread_gateways(facts: Facts) -> str:
    why = facts.unread[Reading.GATEWAYS]
    return f"the gateways could not be read ({'denied' if why.denied else why})"
