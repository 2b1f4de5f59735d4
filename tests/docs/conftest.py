"""A cloud and a shell for pages that are followed: the command, `aliyun`, and the reader's own ids."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.docs.blocks import blocks, commands
from tests.docs.follow import follow, tools
from tests.functional.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud import MockCloud
    from tests.docs.follow import Ended


@dataclass
class Reader:
    """Somebody at a shell who follows a page."""

    local: MockCloud
    home: Path

    @property
    def hand(self) -> Operator:
        """The same person at the console."""
        return Operator(self.local.cloud)

    @property
    def environ(self) -> dict[str, str]:
        """Return what the pages presume: keys, the endpoint, and where the reader works."""
        key, seeds = self.local.cloud.accounts.user_key, self.local.seeds
        return {
            "HOME": str(self.home),
            "PATH": f"{tools(self.home / 'bin')}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "STUB_ENDPOINT": self.local.endpoint,
            "MULTI_EIP_ENDPOINT": self.local.endpoint,
            "MULTI_EIP_REGION": seeds.region,
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
            "REGION": seeds.region,
            "VSWITCH": seeds.vswitch,
            "SECURITY_GROUP": seeds.security_group,
            "INSTANCE": seeds.instance,
        }

    def follow(self, page: str, **ids: str) -> list[Ended]:
        """Type what the page has, with these ids beside the seeds'."""
        typed = list(commands(blocks(page)))
        assert typed, f"{page} has no command"
        return follow(typed, {**self.environ, **ids}, self.home)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Serve a cloud whose changes are immediate."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        yield Reader(local, tmp_path)
