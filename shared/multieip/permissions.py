"""Which RAM action each call of ours takes: policies, hints and rule pages are made from this one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_VPC: Final = frozenset(
    {
        "AssociateEipAddress",
        "AssociateEipAddressBatch",
        "DescribeEipAddresses",
        "DescribeEipGatewayInfo",
        "UnassociateEipAddress",
        "UnTagResources",
    }
)

_FC: Final = frozenset({"InvokeFunction"})


def ram_action(action: str, product: str = "") -> str:
    """Return the RAM action of a call; `TagResources` exists in two products, so it takes the product too."""
    if product:
        return f"{product.lower()}:{action}"
    if action in _FC:
        return f"fc:{action}"
    return f"{'vpc' if action in _VPC else 'ecs'}:{action}"


def whose_keys(function: str, *, deployed: bool) -> str:
    """Return whom a missing permission is granted to: a function's role by its setting, else a person."""
    if not deployed:
        return "the user or role whose keys these are"
    return f"the role of {function}, which DEPLOY_{function.upper()}_ROLE names"


def to_grant(actions: Iterable[str], whose: str) -> str:
    """Return what has to be granted and to whom, each action once."""
    named = dict.fromkeys(each for action in actions for each in action.split(" and "))
    return f"grant {', '.join(named)} to {whose}"
