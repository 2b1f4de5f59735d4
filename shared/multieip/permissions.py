"""Which RAM action each call of ours takes: policies, hints and rule pages are made from this one table."""

from __future__ import annotations

from typing import Final

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
