"""`docs/deploy.md`, followed to the letter on a served local cloud on which nothing is deployed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from localcloud import LocalCloud, attach_functions, serving
from localcloud.guests import open_world
from tests.e2e.test_serverless_devs import CLI, COMPONENT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.xdist_group("packages"), pytest.mark.timeout(900)]


def _environment(home: Path, endpoint: str, cloud: LocalCloud) -> dict[str, str]:
    (home / ".s").mkdir()
    (home / ".s" / "set-config.yml").write_text("analysis: disable\n", encoding="utf-8")
    key = cloud.accounts.user_key
    # As in the shell of whoever follows the page; only settings of an installation there may be are left out.
    shell = {k: v for k, v in os.environ.items() if not k.startswith(("MULTI_EIP_", "DEPLOY_"))}
    return {
        **shell,
        "PATH": f"{CLI.parent}:{os.environ['PATH']}",
        "serverless_devs_config_home": str(home),
        "FC_COMPONENT": str(COMPONENT),
        "STUB_ENDPOINT": endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
    }


def test_the_page_can_be_followed_to_the_letter(tmp_path: Path) -> None:
    """Every block that is marked as tried ends well, and in the end nothing is left."""
    assert len(BLOCKS) >= 7
    cloud = LocalCloud(open_world("simulated"))
    cloud.seed()
    with serving(cloud) as endpoint:
        functions = attach_functions(cloud, s_yaml=None, react=True, endpoint=endpoint)
        environment = _environment(tmp_path, endpoint, cloud)
        names: list[list[str]] = []
        for block in BLOCKS:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block],
                cwd=ROOT,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
                timeout=400,
            )
            assert done.returncode == 0, (block, done.stdout[-3000:], done.stderr[-3000:])
            names.append(sorted(functions.service.registry.names()))
        functions.close()
    cloud.close()

    deployed = ["multi-eip-bind", "multi-eip-react", "multi-eip-sweep"]
    assert names[0] == []
    assert names[1] == deployed
    assert names[-1] == []


def test_every_document_that_the_page_names_is_there() -> None:
    """Links lead to files, and the files are policies."""
    linked = re.findall(r"\]\((policies/[a-z-]+\.json)\)", PAGE)

    assert len(linked) >= 6
    for name in linked:
        assert json.loads((ROOT / "docs" / name).read_text(encoding="utf-8"))["Statement"]


def test_the_table_of_costs_is_what_its_formulas_say() -> None:
    """Whoever changes a machine in s.yaml changes the table."""
    rows = {
        line.split("|")[1].strip(): [int(cell.replace(",", "")) for cell in line.split("|")[2:5]]
        for line in PAGE.splitlines()
        if re.match(r"\| (sweep|bind|react|calls)[ :(]", line)
    }
    found = list(rows.values())
    groups = (10, 1_000, 10_000)
    seconds = [round(5 + 0.056 * each) for each in groups]

    assert found[0] == seconds
    assert found[1] == found[2] == [each * 360 for each in seconds]
    assert found[3] == [each * 5 for each in groups]
    assert found[4] == [round((100_000 + each * 10) * 0.025) for each in groups]
    assert found[5] == [720 + each + 100_000 + each * 10 for each in groups]
