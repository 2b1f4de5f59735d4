"""What can be compared of two guests: what one answers, and what of ours is in it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from multieip.guest.answer import read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

# The simulated guest does not say how it is made, and sends no packet.
NOT_COMPARED = {
    "manager",
    "writer",
    "sysctls",
    "label",
    "gateway_neighbour",
    "leaves",
    "simulated",
    "notes",
    "tools",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What of ours is in a guest, by MAC."""

    names: dict[str, str]
    kept: dict[str, str]
    ways: tuple[str, ...]
    program: bool
    enabled: bool
    dead_men: int
    addresses: dict[str, tuple[str, ...]]
    rules: tuple[str, ...]
    answering: tuple[str, ...] = ()


def told(output: bytes) -> dict[str, Any]:
    """Read an answer as the product does, and leave out what is not compared."""
    report = read_answer(output)
    answer = _plain(report)
    answer["problems"] = [problem.code for problem in report.problems]
    for nic in answer["nics"]:
        nic["addresses"].sort()
        nic["foreign_eips"].sort()
    return answer


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a report
    if hasattr(value, "__dataclass_fields__"):
        names = (each.name for each in fields(value))
        return {name: _plain(getattr(value, name)) for name in names if name not in NOT_COMPARED}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int) else str(getattr(value, "value", value))


def differences(real: Any, simulated: Any, where: str = "") -> Iterator[str]:  # noqa: ANN401 - any part
    """Name each place where the two differ."""
    if isinstance(real, dict) and isinstance(simulated, dict):
        for key in sorted(real.keys() | simulated.keys()):
            yield from differences(real.get(key), simulated.get(key), f"{where}.{key}" if where else key)
    elif isinstance(real, list) and isinstance(simulated, list) and len(real) == len(simulated):
        for at, (one, other) in enumerate(zip(real, simulated, strict=True)):
            yield from differences(one, other, f"{where}[{at}]")
    elif real != simulated:
        yield f"{where}: real {real!r}, simulated {simulated!r}"
