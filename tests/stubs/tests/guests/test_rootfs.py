"""The disk of booted guests is of the suite that is asked for, from the machine's own mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests import rootfs

if TYPE_CHECKING:
    import pytest


def test_another_suite_has_a_disk_and_sources_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disks of two suites stand side by side; without a name it is the machine's."""
    own = rootfs.disk_path()
    monkeypatch.setenv("LOCALCLOUD_SUITE", "")
    assert rootfs.disk_path() == own

    monkeypatch.setenv("LOCALCLOUD_SUITE", "sid")

    assert rootfs.disk_path() != own
    assert rootfs.disk_path().parent == own.parent
