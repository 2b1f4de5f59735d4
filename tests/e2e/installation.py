"""Somebody who follows `docs/deploy.md` in a checkout: an empty account, a shell, a first group's parts."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud import LocalCloud, attach_functions, serving
from localcloud.guests import open_world
from tests.docs.follow import tools
from tests.functional.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from localcloud import Functions
    from tests.docs.follow import Ended

FUNCTIONS = ("react", "bind", "sweep")
CLI = Path("tests", "stubs", "fc-local", "node_modules", ".bin")


@dataclass(frozen=True, slots=True)
class Installation:
    """An account on which nothing is deployed, and the environment of who deploys to it."""

    cloud: LocalCloud
    functions: Functions
    environ: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The functions that are deployed."""
        return sorted(self.functions.service.registry.names())


@contextmanager
def installation(checkout: Path, home: Path) -> Iterator[Installation]:
    """Serve an account; the shell has what a reader's has, but no settings of another installation."""
    (home / ".s").mkdir()
    (home / ".s" / "set-config.yml").write_text("analysis: disable\n", encoding="utf-8")
    cloud = LocalCloud(open_world("simulated"))
    seeds = cloud.seed()
    hand, key = Operator(cloud), cloud.accounts.user_key
    first, second = hand.eips(2)
    path = [tools(home / "bin"), checkout / CLI, Path(sys.executable).parent]
    shell = {k: v for k, v in os.environ.items() if not k.startswith(("MULTI_EIP_", "DEPLOY_"))}
    with serving(cloud) as endpoint:
        functions = attach_functions(cloud, s_yaml=None, react=True, endpoint=endpoint)
        yield Installation(
            cloud,
            functions,
            {
                **shell,
                "PATH": ":".join([*map(str, path), os.environ["PATH"]]),
                "serverless_devs_config_home": str(home),
                "FC_COMPONENT": str(checkout / "tests" / "stubs" / "fc-local"),
                "STUB_ENDPOINT": endpoint,
                "ALIBABA_CLOUD_ACCESS_KEY_ID": key.key_id,
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
                "ENI": hand.eni(seeds),
                "EIP_1": first,
                "EIP_2": second,
                "INSTANCE": seeds.instance,
            },
        )
        functions.close()
    cloud.close()


def said(ended: Sequence[Ended], begins: str) -> str:
    """Return what the one block that begins like this has answered."""
    (found,) = [each.said for each in ended if each.command.text.startswith(begins)]
    return found


def judge(ended: Sequence[Ended]) -> None:
    """Look whether the page's blocks came to what the page says of them."""
    assert '"state": "planned"' in said(ended, 's bind invoke -e "{')
    assert '"state": "ready"' in said(ended, "aliyun ecs TagResources")
    deployed = said(ended, "s plan")
    for name in FUNCTIONS:
        assert f'"functionName": "multi-eip-{name}"' in deployed
        assert f'"role": "acs:ram::1234567890123456:role/multi-eip-{name}"' in deployed
    assert "no-foreign-eip" in said(ended, "aliyun vpc UnTagResources")
    logs = said(ended, "s bind logs")
    assert '"event": "result"' in logs
    assert '"state": "ready"' in logs
    assert '"MULTI_EIP_WRITES": "off"' in said(ended, "export MULTI_EIP_WRITES=off")
    assert '"state": "released"' in said(ended, "s bind invoke -e '{")
