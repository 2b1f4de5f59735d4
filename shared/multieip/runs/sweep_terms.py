"""What a sweep needs of the world, and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.log import Log
    from multieip.model.facts import Catalog
    from multieip.ports import Api, Clock, Invoker, Parallel
    from multieip.settings import Settings


PIECE: Final = 400
"""Groups that are read, asked and judged together: full pages of every list by ids, and of commands."""


@dataclass(frozen=True, slots=True)
class SweepOutside:
    """What a sweep needs of the world."""

    api: Api
    clock: Clock
    invoker: Invoker
    log: Log
    new_token: Callable[[], str]
    parallel: Parallel | None = None


@dataclass(frozen=True, slots=True)
class SweepTerms:
    """The limits of one sweep. `deadline` is a reading of `clock.monotonic()`.

    `cause` is what a repeated delivery of the same timer or call shares: the same repair is queued once.
    `calls_for` is the account whose groups call for a person by the robot; None where there is no robot.
    """

    catalog: Catalog
    tag_prefix: str
    deadline: float
    max_repairs: int
    cause: str
    regions: tuple[str, ...] = ()
    bind_while_attached: bool = False
    piece: int = PIECE
    calls_for: str | None = None

    @classmethod
    def of(
        cls,
        settings: Settings,
        catalog: Catalog,
        *,
        deadline: float,
        cause: str,
        piece: int = PIECE,
        calls_for: str | None = None,
    ) -> SweepTerms:
        """Take the terms out of the settings."""
        return cls(
            catalog=catalog,
            tag_prefix=settings.tag_prefix,
            deadline=deadline,
            max_repairs=settings.sweep_max_repairs,
            cause=cause,
            regions=settings.sweep_regions,
            bind_while_attached=settings.bind_while_attached,
            piece=piece,
            calls_for=calls_for,
        )
