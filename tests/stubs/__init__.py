"""The local cloud: moto's idea for this product's part of Alibaba Cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stubs.mock import MockCloud, mock_cloud

__all__ = ["MockCloud", "mock_cloud"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import the cloud only for those who want one: guests are imported alone as well."""
    if name in __all__:
        from tests.stubs import mock  # noqa: PLC0415 - see above

        return getattr(mock, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
