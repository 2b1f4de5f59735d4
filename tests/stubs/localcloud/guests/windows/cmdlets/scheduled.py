"""Scheduled tasks by command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.cmdlets.net import CHANGE_S, QUERY_S, not_found
from localcloud.guests.windows.cmdlets.registry import Call, cmdlet
from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError
from localcloud.guests.windows.language.values import Thing, Value
from localcloud.guests.windows.machine.tasks import task_of

if TYPE_CHECKING:
    from collections.abc import Iterable


@cmdlet("Get-ScheduledTask", required="taskname", seconds=QUERY_S)
def _get(call: Call) -> Iterable[Value]:
    task = call.windows.tasks.get(call.text("TaskName"))
    if task is None:
        raise not_found(call, "TaskName", call.text("TaskName"))
    return [Thing("MSFT_ScheduledTask", TaskName=task.name, State="Ready" if task.enabled else "Disabled")]


@cmdlet("Register-ScheduledTask", "force", required="taskname xml", seconds=CHANGE_S)
def _register(call: Call) -> Iterable[Value]:
    name = call.text("TaskName")
    if name in call.windows.tasks and not call.given("Force"):
        raise PowerShellError("Cannot create a file when that file already exists.", "HRESULT 0x800700b7")
    try:
        task = task_of(name, call.text("Xml"))
    except (ValueError, SyntaxError) as error:
        raise NotPlayedError(f"this task: {error}") from error
    call.windows.change(lambda: call.windows.tasks.update({name: task}))
    return [Thing("MSFT_ScheduledTask", TaskName=name)]


@cmdlet("Unregister-ScheduledTask", required="taskname confirm", seconds=CHANGE_S)
def _unregister(call: Call) -> Iterable[Value]:
    name = call.text("TaskName")
    if call.value("Confirm") is not False:
        raise NotPlayedError("Unregister-ScheduledTask that asks")
    if name not in call.windows.tasks:
        raise not_found(call, "TaskName", name)
    call.windows.change(lambda: call.windows.tasks.pop(name))
    return ()
