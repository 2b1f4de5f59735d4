"""Commands sent by the vendor's SDK to an instance whose system is a real Linux."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from localcloud.guests import why_not_namespaces
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.guest


class Instance:
    """The seeds' Linux instance, by RunCommand and its results."""

    def __init__(self, hand: Hand) -> None:
        """Call by the hand's SDK."""
        self._hand = hand

    def run(self, text: str) -> tuple[int, str]:
        """Run a script and return its exit code and output."""
        row = self._hand.result(self._hand.run(text))
        return row["ExitCode"], row["Output"]


@pytest.fixture
def instance() -> Iterator[Instance]:
    """Serve a cloud whose instances are namespaces, or skip with the reason why there can be none."""
    if reason := why_not_namespaces():
        pytest.skip(reason)
    with mock_cloud(CloudOptions(transitions="immediate"), http=True, guest="namespaces") as served:
        yield Instance(Hand(served, sdk=True))


def test_scripts_stay_and_a_bad_place_for_them_has_its_codes(instance: Instance) -> None:
    """The file stays where the agent wrote it; on a full disk the text runs, on a noexec mount nothing."""
    _, path = instance.run('echo "$0"')
    assert 'echo "$0"' in instance.run(f"cat {path}")[1]
    assert instance.run("#!/bin/sh\r\necho hi\r\n")[0] == 127

    folder = path.strip().rpartition("/")[0]
    if instance.run(f"mount -t tmpfs -o size=4k,mode=755 tmpfs {folder}")[0]:
        pytest.skip("this guest may not mount")
    long = "# " + "x" * 3000
    instance.run(long)
    assert instance.run(f"echo $0\n{long}") == (0, "sh\n")

    assert instance.run(f"umount {folder}; mount -t tmpfs -o noexec tmpfs {folder}")[0] == 0
    assert instance.run("echo hi")[0] == 126
