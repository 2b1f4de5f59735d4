"""Work inside one guest: render the script, send it through Cloud Assistant, believe only its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud import assistant
from multieip.errors import AnswerError, GuestError, WantedSetError
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.guest.windows_script import windows_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.model.guest import GuestNic, GuestReport, GuestTarget, Mode
    from multieip.ports import Api, Clock

_IN_GUEST_S: Final = 120
_ON_THE_WAY_S: Final = 75
"""A command that cannot be delivered is given up by Cloud Assistant after about a minute."""


def ask_guest(  # noqa: PLR0913  the seam between a pure plan and a slow guest
    api: Api,
    clock: Clock,
    target: GuestTarget,
    mode: Mode,
    nic: GuestNic,
    *,
    deadline: float,
    new_token: Callable[[], str],
) -> GuestReport:
    """Run the guest script on one instance and return its report.

    Raises `GuestError` where the set is refused before it is sent, the command did not end, or there is no
    answer of ours in its output; `RefusedError` and `LostAnswerError` as the API does.
    """
    windows = target.instance.windows
    try:
        content = windows_script(mode, [nic]) if windows else linux_script(mode, [nic])
    except WantedSetError as error:
        raise GuestError(f"{target.eni}: {error}") from error
    order = assistant.Order(
        region=target.instance.region,
        instances=(target.instance.id,),
        content=content,
        kind="RunPowerShellScript" if windows else "RunShellScript",
        name=f"multi-eip-{mode.value}",
        timeout_s=_IN_GUEST_S,
    )
    latest = min(deadline, clock.monotonic() + _IN_GUEST_S + _ON_THE_WAY_S)
    output = assistant.run(api, clock, order, deadline=latest, new_token=new_token)[target.instance.id]
    try:
        return read_answer(output.output)
    except AnswerError as error:
        cut = f"; {output.dropped} bytes of output were cut" if output.dropped else ""
        raise GuestError(
            f"{target.instance.id}: the command ended {output.status} (exit {output.exit_code}) "
            f"{output.error}{cut}: {error}"
        ) from error
