"""The console script in a process of its own, against a served local cloud."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.functional.operator import Operator
from tests.schemas import published, validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud import MockCloud

SCRIPT = Path(sys.executable).with_name("multieip")
ROOT = Path(__file__).parents[3]


@dataclass
class Desk:
    """Somebody at a shell, with keys in the environment, beside a cloud."""

    local: MockCloud
    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give the first account's RAM user."""
        key = self.local.cloud.accounts.user_key
        self.environ = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MULTI_EIP_ENDPOINT": self.local.endpoint,
            "MULTI_EIP_REGION": "cn-shanghai",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
        }

    @property
    def hand(self) -> Operator:
        """The same person at the console."""
        return Operator(self.local.cloud)

    def run(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Call `multieip` in the home folder."""
        return subprocess.run(
            [str(SCRIPT), *words],
            cwd=self.home,
            env=self.environ,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )

    def json(self, *words: str, status: int = 0) -> Any:  # noqa: ANN401  whatever JSON holds
        """Call it with --json and return the one document on its standard output.

        Where it names a form that is published, it has that form.
        """
        done = self.run(*words, "--json", "--quiet")
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        body = json.loads(done.stdout)
        forms = {schema["title"]: name for name, schema in published().items()}
        named = body.get("schema") if isinstance(body, dict) else None
        if (
            words[0] in {"groups", "tag", "plan", "apply", "release", "resume"} and status < 2
        ):  # answers, no errors
            assert named in forms, body
        if named in forms:
            validator(forms[named]).validate(body)
        return body

    def group(self, name: str = "web", eips: int = 2) -> tuple[str, list[str]]:
        """Make and tag what belongs together."""
        seeds = self.local.seeds
        eni = self.hand.eni(seeds, name, size=str(eips))
        found = self.hand.eips(eips, name)
        self.hand.tag("instance", [seeds.instance], name)
        return eni, found

    def state(self) -> Any:  # noqa: ANN401  the local cloud's own
        """Return the resources of the region, as the cloud has them."""
        account = self.local.cloud.accounts.user_key.identity.account.account_id
        return self.local.cloud.state(account, "cn-shanghai")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Serve a cloud whose changes are immediate."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        yield Desk(local, tmp_path)
