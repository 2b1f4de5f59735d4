"""The environment as one frozen value; all faults come in one error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass, field, fields
from multieip.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PREFIX: Final = "MULTI_EIP_"
_LONGEST_S: Final = 86_400  # a day, the longest timeout of a function
_LEAST_MARGIN_S: Final = 30.0
_LEAST_WORK_S: Final = 420.0
_OLDEST_FRESH_S: Final = 10.0
_LONGEST_GATHER_S: Final = 60.0
_MOST: Final = 10_000  # far beyond any account; catches slips
_LAST_PRIORITY: Final = 32_765  # main's rule stands behind it


def _words(value: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", value) if word)


def _yes(value: str) -> bool:
    answers = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if value.lower() not in answers:
        raise ValueError("must be true or false")
    return answers[value.lower()]


def _on(value: str) -> bool:
    answers = {"on": True, "off": False}
    if value.lower() not in answers:
        raise ValueError("must be on or off")
    return answers[value.lower()]


def _seconds(value: str) -> float:
    number = float(value)
    if not 0 <= number <= _LONGEST_S:
        raise ValueError("must be a number of seconds from 0 to 86400")
    return number


def _count(value: str) -> int:
    number = int(value)
    if not 0 <= number <= _MOST:
        raise ValueError("must be a whole number from 0 to 10000")
    return number


def _priority(value: str) -> int:
    number = int(value)
    if not 0 < number <= _LAST_PRIORITY:
        raise ValueError(
            "must be a whole number from 1 to 32765, behind the rule of local addresses and before main's"
        )
    return number


def _tag_prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:/-]{1,60}", value) or value.startswith(("aliyun", "acs:")):
        raise ValueError("must be up to 60 letters, digits or _.:/- and must not start with aliyun or acs:")
    return value


def _endpoint(value: str) -> str:
    if value and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", value):
        raise ValueError("must have the form http://host:port or https://host:port")
    return value


def _robot(value: str) -> str:
    if value and not re.fullmatch(r"(https://[^\s/@]+|http://127\.0\.0\.1:\d+)/[^\s]+", value):
        raise ValueError("must have the form https://host/path, as the robot's page shows it")
    return value


def _bucket(value: str) -> str:
    if value and not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", value):
        raise ValueError("must be the name of a bucket: small letters, digits and -, 3 to 63 of them")
    return value


def _object_prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-][A-Za-z0-9._/-]{0,200}", value):
        raise ValueError("must consist of letters, digits, . _ - and /, and not begin with /")
    return value


def _function_prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,50}", value):
        raise ValueError("must consist of letters, digits, _ or - and start with a letter or _")
    return value


def _set(read: Callable[[str], object], default: object, meaning: str) -> Any:  # noqa: ANN401  a dataclass field stands for its value
    return field(default=default, metadata={"read": read, "meaning": meaning})


def _secret(read: Callable[[str], object], meaning: str) -> Any:  # noqa: ANN401  a dataclass field stands for its value
    """Make a setting whose value is shown nowhere: in no message, no log and no table."""
    return field(default="", repr=False, metadata={"read": read, "meaning": meaning, "secret": True})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each is the environment variable `MULTI_EIP_` + its name in capitals."""

    region: str = _set(str, "", "region of a call that names none; else the function's own (`FC_REGION`)")
    endpoint: str = _set(_endpoint, "", "replaces the vendor's hosts, for the local cloud")
    tag_prefix: str = _set(_tag_prefix, "multi-eip:", "what our tag keys begin with")
    settle_seconds: float = _set(
        _seconds,
        60.0,
        "without a `size` tag: how long the set of EIPs must be unchanged before the ENI is attached",
    )
    gather_seconds: float = _set(
        _seconds, 5.0, "events of one group within this time start one run together; 0: each event its own"
    )
    own_role: str = _set(str, "", "name of the functions' RAM role; events that it caused are skipped")
    skip_own: bool = _set(_yes, True, "whether events caused by `own_role` are skipped")
    function_prefix: str = _set(
        _function_prefix,
        "multi-eip-",
        "what comes before `react`, `bind` and `sweep` in the functions' names",
    )
    max_turns: int = _set(_count, 5, "how often one run may hand over to itself before it gives up waiting")
    bind_while_attached: bool = _set(
        _yes,
        False,
        "whether the cloud takes EIPs on an attached ENI (unconfirmed; default: detach first)",
    )
    extra_regions: tuple[str, ...] = _set(_words, (), "regions that offer the mode beside the built-in list")
    extra_families: tuple[str, ...] = _set(
        _words, (), "instance families that support it beside the built-in list"
    )
    react_max_groups: int = _set(
        _count, 20, "an event without ids looks at all groups of its region, if there are at most this many"
    )
    sweep_regions: tuple[str, ...] = _set(
        _words, (), "regions of a sweep that names none; empty: all that offer the mode"
    )
    sweep_max_repairs: int = _set(_count, 10, "how many groups one sweep may send to `bind`")
    deadline_margin_seconds: float = _set(
        _seconds,
        30.0,
        "how long before the function's timeout no call begins any more; a run hands over then (at least 30)",
    )
    fresh_seconds: float = _set(_seconds, 3.0, "how old a look may be when a write stands on it (at most 10)")
    patience_seconds: float = _set(
        _seconds,
        90.0,
        "how long one run waits for what time alone cures, before one chain waits for the group",
    )
    only_groups: tuple[str, ...] = _set(
        _words, (), "patterns of the groups that may be written to, such as `web-*`; empty: all"
    )
    rule_priority: int = _set(
        _priority, 5, "where the rules of EIPs stand in a Linux guest, among those of others (1 to 32765)"
    )
    webhook: str = _secret(
        _robot,
        "address of a DingTalk or Feishu robot, which hears of groups that wait for a person; a secret",
    )
    report_bucket: str = _set(
        _bucket, "", "bucket of OSS, in the function's region, that a timer's report is kept in; empty: none"
    )
    report_prefix: str = _set(_object_prefix, "multi-eip/", "what the names of kept reports begin with")
    writes: bool = _set(_on, True, "`off`: nothing is written any more; read before every write")

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings of this environment.

        Raises `SettingsError` with every fault: values that cannot be read, and names that begin with
        `MULTI_EIP_` but are no setting (a typing error would else go unnoticed).
        """
        known = {_PREFIX + entry.name.upper(): entry for entry in fields(cls)}
        faults: list[str] = []
        values: dict[str, Any] = {}
        for name in sorted(environ):
            if not name.startswith(_PREFIX):
                continue
            if name not in known:
                faults.append(f"{name} is not a setting; the settings are {', '.join(sorted(known))}")
            elif environ[name] != "":
                entry = known[name]
                try:
                    values[entry.name] = entry.metadata["read"](environ[name])
                except ValueError as error:
                    value = "" if entry.metadata.get("secret") else f"={environ[name]!r}"
                    faults.append(f"{name}{value}: {error}")
        if faults:
            raise SettingsError(faults)
        values.setdefault("region", environ.get("FC_REGION", ""))
        settings = cls(**values)
        faults = settings.contradictions()
        if faults:
            raise SettingsError(faults)
        return settings

    def contradictions(self) -> list[str]:
        """Return what no run could keep: settings that leave a run no time for what it must do."""
        faults = []
        if self.deadline_margin_seconds < _LEAST_MARGIN_S:
            faults.append(
                f"MULTI_EIP_DEADLINE_MARGIN_SECONDS={self.deadline_margin_seconds:g}: must be at least "
                f"{_LEAST_MARGIN_S:g}, so that a run can always hand over"
            )
        if self.fresh_seconds > _OLDEST_FRESH_S or self.fresh_seconds <= 0:
            faults.append(
                f"MULTI_EIP_FRESH_SECONDS={self.fresh_seconds:g}: must be above 0 and at most "
                f"{_OLDEST_FRESH_S:g}"
            )
        if self.gather_seconds >= _LONGEST_GATHER_S:
            faults.append(
                f"MULTI_EIP_GATHER_SECONDS={self.gather_seconds:g}: must be below {_LONGEST_GATHER_S:g}"
            )
        return faults

    def against_timeout(self, timeout_s: float) -> list[str]:
        """Return what contradicts the timeout of the function that runs with these settings."""
        faults = []
        least = _LEAST_WORK_S + self.deadline_margin_seconds
        if timeout_s < least:
            faults.append(
                f"the function's timeout is {timeout_s:g} s: must be at least {least:g}, the "
                f"{_LEAST_WORK_S:g} s of a detach, the change and the way back, and the margin of "
                f"MULTI_EIP_DEADLINE_MARGIN_SECONDS"
            )
        longest = (self.max_turns + 1) * timeout_s
        if self.settle_seconds > longest:
            faults.append(
                f"MULTI_EIP_SETTLE_SECONDS={self.settle_seconds:g}: must be at most {longest:g}, which is "
                f"what MULTI_EIP_MAX_TURNS={self.max_turns} hand-overs of a timeout of {timeout_s:g} s give"
            )
        return faults

    @classmethod
    def table(cls) -> list[tuple[str, str, str]]:
        """Return name, default and meaning of each setting, for the README."""
        return [
            (
                _PREFIX + entry.name.upper(),
                _shown(entry.default, switch=entry.metadata["read"] is _on),
                entry.metadata["meaning"],
            )
            for entry in fields(cls)
        ]


def _shown(default: object, *, switch: bool = False) -> str:
    if switch:
        return "on" if default else "off"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(default)
    return f"{default:g}" if isinstance(default, float) else str(default)
