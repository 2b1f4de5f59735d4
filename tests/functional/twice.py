"""An `Api` that asks the cloud each question without its faults and with them, and keeps what differed.

A test of a fault that the product never met shows nothing; this tells.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from multieip.errors import RefusedError
from tests.functional.in_process import InProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud import LocalCloud
    from multieip.ports import Json, Product


class Twice:
    """Passes calls on; `met` are the reads whose answers the faults have changed."""

    def __init__(self, cloud: LocalCloud) -> None:
        """Ask this cloud; reads go side by side, so one at a time changes its faults."""
        self._cloud = cloud
        self._inner = InProcess(cloud)
        self._lock = threading.Lock()
        self.met: list[str] = []

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        with self._lock:
            kind = self._kind(product, action, params) if action.startswith(("Describe", "List")) else None
            try:
                answer = self._inner.call(product, action, params)
            except RefusedError as refused:
                if kind is not None and refused.code != kind:
                    self.met.append(action)
                raise
            if kind is not None and _said(answer) != kind:
                self.met.append(action)
            return answer

    def heal(self) -> None:
        """Take the faults away for good; a read that is still under way does not bring them back."""
        with self._lock:
            self._cloud.faults.clear()

    def _kind(self, product: Product, action: str, params: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Return what a kind cloud says: the answer, or the code of its refusal."""
        faults = self._cloud.faults.all
        asked_for = list(faults)
        faults.clear()
        try:
            return _said(self._inner.call(product, action, params))
        except RefusedError as refused:
            return refused.code
        finally:
            faults.extend(asked_for)


def _said(answer: Json) -> Json:
    return {name: value for name, value in answer.items() if name != "RequestId"}
