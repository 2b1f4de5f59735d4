"""Reads the one line that the guest script answers with out of a command's output."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, TypeVar, cast

from multieip.errors import AnswerError
from multieip.guest.sentences import in_words
from multieip.json_text import read_json
from multieip.model.guest import (
    Dhcp,
    EipReport,
    GuestEip,
    GuestNic,
    GuestReport,
    Held,
    NicReport,
    Problem,
    Route,
    ServiceRoute,
    Stamp,
    State,
    Sysctls,
)
from multieip.model.ranges import NOT_PUBLIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = b"multieip-answer: "
VERSION = 1
_MODES = ("check", "apply", "release", "survey")
_T = TypeVar("_T")


def read_answer(output: bytes) -> GuestReport:
    """Give the report in the output, whatever surrounds it; raise `AnswerError` with what is missing."""
    at = output.rfind(PREFIX)
    if at < 0:
        raise AnswerError(f"no answer of the guest script in the output; it ends with {_tail(output)}")
    if at > 0 and output[at - 1 : at] not in (b"\n", b"\r"):
        raise AnswerError(f"the answer does not begin its line; before it stands {_tail(output[:at])}")
    line, newline, _ = output[at + len(PREFIX) :].partition(b"\n")
    try:
        answer = read_json(line)
    except (ValueError, RecursionError) as error:
        what = "is not JSON" if newline else "is cut off: its end is missing"
        raise AnswerError(f"the guest's answer {what}; it ends with {_tail(line)}") from error
    if isinstance(answer, dict) and answer.get("state") == State.FAILED and "nics" not in answer:
        answer = {**_NOTHING_SEEN, **answer}
    return _report(_Reader(answer, "answer"))


# A script that failed before it could look at anything says no more than why.
_NOTHING_SEEN: Mapping[str, object] = {
    "changed": False,
    "nics": [],
    "service_route": {"dev": None, "mac": None},
    "default_route": {"dev": None, "via": None, "unchanged": True},
    "tools": [],
    "notes": [],
}


def _report(answer: _Reader) -> GuestReport:
    version = answer.take("v", int)
    if version != VERSION:
        raise AnswerError(f"the guest answers in version {version}; this product reads {VERSION}")
    nics = tuple(_nic(nic) for nic in answer.each("nics"))
    service, default = answer.inner("service_route"), answer.inner("default_route")
    return GuestReport(
        mode=answer.one_of("mode", _MODES),
        state=State(answer.one_of("state", [state.value for state in State])),
        changed=answer.take("changed", bool),
        simulated=answer.has("simulated") and answer.take("simulated", bool),
        manager=", ".join(dict.fromkeys(nic.manager for nic in nics)),
        writer=", ".join(dict.fromkeys(nic.writer for nic in nics)),
        persistent=bool(nics) and all(nic.persistent for nic in nics),
        nics=nics,
        service_route=ServiceRoute(service.optional("dev", str), _mac(service)),
        default_route=Route(
            dev=default.optional("dev", str),
            via=default.address_or_none("via"),
            unchanged=default.take("unchanged", bool),
        ),
        tools=tuple(answer.strings("tools")),
        problems=tuple(_problem(problem) for problem in answer.each("problems")),
        notes=tuple(in_words(note) for note in answer.strings("notes")),
        held=_held(answer.inner("held")) if answer.has("held") else None,
        keeper_version=answer.optional("keeper", int),
        detached=tuple(answer.strings("detached")) if answer.has("detached") else (),
    )


def _problem(problem: _Reader) -> Problem:
    code = problem.take("code", str)
    return Problem(code, in_words(problem.take("text", str), code))


def unconfirmed(report: GuestReport, nics: Sequence[GuestNic]) -> list[IPv4Address]:
    """List the EIPs that were asked for and that the report does not show in working order.

    An answer is about what was asked only when each of them stands in it. One that is merely to be kept
    may be missing, but not stand there in disorder.
    """
    reports = {nic.mac.lower(): {eip.ip: eip for eip in nic.eips} for nic in report.nics}
    bad: list[IPv4Address] = []
    for nic in nics:
        told = reports.get(nic.mac.lower(), {})
        for eip in nic.eips:
            found = told.get(eip.ip)
            if found is None or not found.present:
                bad += [] if eip.keep else [eip.ip]
            elif not found.ok or found.plen != eip.plen:
                bad.append(eip.ip)
    return bad


def _mac(service: _Reader) -> str | None:
    mac = service.optional("mac", str)
    return mac.lower() if mac else None


def _held(held: _Reader) -> Held:
    return Held(
        held.take("mac", str),
        _stamp(held),
        tuple(
            GuestEip(eip.address("ip"), eip.take("plen", int), eip.address("gateway"), eip.take("keep", bool))
            for eip in held.each("eips")
        ),
    )


def _stamp(where: _Reader) -> Stamp:
    return Stamp(where.take("asof", int), where.take("run", str))


def _nic(nic: _Reader) -> NicReport:
    private = nic.address_or_none("private")
    eips = tuple(_eip(eip) for eip in nic.each("eips"))
    addresses = tuple(nic.interface(text) for text in nic.strings("addresses"))
    wanted = {private, *(eip.ip for eip in eips)}
    sysctls = nic.inner("sysctls")
    return NicReport(
        mac=nic.take("mac", str),
        name=nic.optional("name", str),
        block=nic.optional("block", int),
        dhcp=Dhcp(nic.one_of("dhcp", [dhcp.value for dhcp in Dhcp])),
        private=private,
        private_present=nic.take("private_present", bool),
        eips=eips,
        addresses=addresses,
        foreign_eips=tuple(a.ip for a in addresses if a.ip not in wanted and _public(a.ip)),
        manager=nic.take("manager", str),
        writer=nic.take("writer", str),
        persistent=nic.take("persistent", bool),
        sysctls=Sysctls(
            sysctls.optional("rp_filter", int),
            sysctls.optional("arp_ignore", int),
            sysctls.optional("arp_announce", int),
        ),
        stamp=_stamp(nic.inner("stamp")) if nic.has("stamp") else None,
    )


def _eip(eip: _Reader) -> EipReport:
    return EipReport(
        ip=eip.address("ip"),
        present=eip.take("present", bool),
        plen=eip.optional("plen", int),
        label=eip.optional("label", str),
        rules_ok=eip.take("rules_ok", bool),
        route_ok=eip.take("route_ok", bool),
        gateway_neighbour=eip.optional("neighbour", str),
        leaves=eip.optional("leaves", str),
    )


def _public(ip: IPv4Address) -> bool:
    return not any(ip in net for net, _ in NOT_PUBLIC)


def _tail(output: bytes) -> str:
    return repr(output[-120:].decode("utf-8", "replace")) if output else "nothing"


class _Reader:
    """Takes typed values out of one JSON object and names the place of a fault."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise AnswerError(f"the guest's {where} is {type(value).__name__}, not an object")
        self._value = cast("Mapping[str, object]", value)
        self._where = where

    def has(self, key: str) -> bool:
        return self._value.get(key) is not None

    def take(self, key: str, kind: type[_T]) -> _T:
        value = self._value.get(key)
        # A bool is an int for Python, but not for us.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise AnswerError(f"the guest's {self._where} has no {kind.__name__} {key!r}: {value!r}")
        return value

    def optional(self, key: str, kind: type[_T]) -> _T | None:
        return None if self._value.get(key) is None else self.take(key, kind)

    def one_of(self, key: str, values: Sequence[str]) -> str:
        value = self.take(key, str)
        if value not in values:
            raise AnswerError(
                f"the guest's {self._where} has {key} {value!r}; expected one of {', '.join(values)}"
            )
        return value

    def inner(self, key: str) -> _Reader:
        return _Reader(self._value.get(key), f"{self._where}.{key}")

    def each(self, key: str) -> list[_Reader]:
        return [_Reader(item, f"{self._where}.{key}[{n}]") for n, item in enumerate(self._list(key))]

    def strings(self, key: str) -> list[str]:
        items = self._list(key)
        if not all(isinstance(item, str) for item in items):
            raise AnswerError(f"the guest's {self._where}.{key} holds something that is not text")
        return cast("list[str]", items)

    def address(self, key: str) -> IPv4Address:
        text = self.take(key, str)
        try:
            return IPv4Address(text)
        except ValueError as error:
            raise AnswerError(f"the guest's {self._where}.{key} is not an IPv4 address: {text!r}") from error

    def address_or_none(self, key: str) -> IPv4Address | None:
        return None if self._value.get(key) is None else self.address(key)

    def interface(self, text: str) -> IPv4Interface:
        try:
            return IPv4Interface(text)
        except ValueError as error:
            raise AnswerError(f"the guest's {self._where} has an address that is none: {text!r}") from error

    def _list(self, key: str) -> list[object]:
        value = self._value.get(key)
        if not isinstance(value, list):
            raise AnswerError(f"the guest's {self._where} has no list {key!r}")
        return cast("list[object]", value)
