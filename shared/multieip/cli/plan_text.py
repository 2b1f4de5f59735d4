"""A plan and a run's result in lines for people: what is added, changed and taken away, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.cli.say import Line
    from multieip.ports import Json

_SIGNS: Final = {
    "Associate": "+",
    "Attach": "+",
    "ConfigureGuest": "~",
    "SetHold": "~",
    "LiftHold": "~",
    "MarkRefused": "~",
    "Detach": "-",
    "Unassociate": "-",
    "ReleaseGuest": "-",
}
_STYLES: Final = {"+": "green", "~": "yellow", "-": "red"}
_STATE_STYLES: Final = {
    "ready": "bold green",
    "released": "bold green",
    "planned": "bold",
    "failed": "bold red",
}


def plan_lines(body: Json) -> Iterator[Line]:
    """Return a dry run as terraform's users would read it."""
    yield (f"{body['group']} in {body['region']}", "bold")
    plan = body.get("plan")
    if plan is None:
        yield from result_lines(body)
        return
    yield ""
    for step, seconds in zip(plan["steps"], plan["step_seconds"], strict=True):
        yield from _step_lines(step, seconds)
    yield from _summary(plan)
    yield from finding_lines(body)


def _step_lines(step: Json, seconds: float) -> Iterator[Line]:
    sign = _SIGNS[step["step"]]
    yield (f"  {sign} {step['title']}  (about {seconds:.1f} s)", _STYLES[sign])
    for call in step["calls"]:
        params = " ".join(f"{name}={value}" for name, value in call["params"].items())
        yield (f"      {call['product']}.{call['action']} {params}", "dim")
    for wanted in step.get("wanted", ()):
        yield (f"      {wanted['address']} mask {wanted['mask']} gateway {wanted['gateway']}", "dim")


def _summary(plan: Json) -> Iterator[Line]:
    signs = [_SIGNS[step["step"]] for step in plan["steps"]]
    if not signs:
        yield ("No changes. Everything that can be done now is done.", "bold")
    else:
        yield ""
        counted = f"{signs.count('+')} to add, {signs.count('~')} to change, {signs.count('-')} to take away"
        yield (f"Plan: {counted}; about {plan['seconds']:.0f} s (assumed).", "bold")
        yield from _outage(plan)
    if [step["step"] for step in plan["steps"]] == ["ConfigureGuest"]:
        yield "A plan does not ask the guest: where it has these EIPs already, the step changes nothing."
    if plan["waits_for"]:
        yield (f"Then waits for: {plan['waits_for']}", "yellow")


def _outage(plan: Json) -> Iterator[Line]:
    if not plan["away"]:
        yield "Outage: none; no EIP that answers now is taken off."
        return
    first = plan["away"][0]
    addresses = ", ".join(each["address"] for each in plan["away"])
    begins = f"{first['from']:.0f} s after the start"
    names = [step["step"] for step in plan["steps"]]
    if "ReleaseGuest" in names and "ConfigureGuest" not in names:
        yield (
            f"Outage: {addresses} for good, from about {begins}: a release does not bring them back.",
            "red",
        )
        return
    seconds = first["to"] - first["from"]
    yield (f"Outage: {addresses} for about {seconds:.0f} s, {begins}.", "red")


def result_lines(body: Json) -> Iterator[Line]:
    """Return how a run ended."""
    state = body["state"]
    changed = "something was changed" if body.get("changed") else "nothing was changed"
    yield (
        f"{state}: {body['group'] or body.get('eni')} in {body['region']}, {changed}",
        _STATE_STYLES.get(state, "bold yellow"),
    )
    if body["message"]:
        yield f"  {body['message']}"
    for eip in body.get("eips", ()):
        guest = {True: "answers in the guest", False: "not in the guest", None: "guest not asked"}
        bound = "bound" if eip["bound"] else "not bound"
        way = f" mask {eip['mask']} gateway {eip['gateway']}" if eip["gateway"] else ""
        yield f"  {eip['id']}  {eip['address']}{way}  {bound}, {guest[eip['in_guest']]}"
    yield from finding_lines(body)
    if body.get("next"):
        yield f"Next: {body['next']}"


def finding_lines(body: Json) -> Iterator[Line]:
    """Return what rules say, each with the way out and the word that tells more."""
    styles = {"error": "red", "warning": "yellow"}
    for finding in body.get("findings", ()):
        if finding["status"] not in {"fail", "unknown"}:
            continue
        mark = "?" if finding["status"] == "unknown" else "✗"
        style = styles.get(finding["severity"], "")
        yield (f"{mark} {finding['severity']}: {finding['rule']}: {finding['message']}", style)
        if finding["remedy"]:
            yield f"    {finding['remedy']}"
        yield (f"    multieip explain {finding['rule']}", "dim")
    for each in body.get("blocked_eips", ()):
        yield (f"✗ {each['id']}: {each['text']}", "red")
