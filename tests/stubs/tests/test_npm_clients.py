"""The vendor's clients from npm, unmodified, complete the whole flow on the local cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from localcloud import CloudOptions, mock_cloud
from localcloud.cli.serve import environment

CLIENTS = Path(__file__).parent / "npm-clients"
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (CLIENTS / "node_modules").is_dir(), reason=f"run `npm ci` in {CLIENTS} to install the clients"
    ),
]


def _run(script: str) -> dict[str, Any]:
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        known = environment(local.cloud, local.seeds, local.endpoint)
        done = subprocess.run(
            [str(NODE), script],
            cwd=CLIENTS,
            env={"PATH": os.environ["PATH"], "HOME": str(CLIENTS), **known},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


EXPECTED = {
    "states": ["InUse MULTI_BINDED"] * 3,
    "gateways": ["198.51.100.1", "203.0.113.129", "198.51.100.1"],
    "eni": ["InUse"],
    "tags": [{"TagKey": "multi-eip:group", "TagValue": "a b*~ü"}],
    "output": "hello\n",
    "left": 0,
}


def test_pop_core() -> None:
    """RPC signature v1, by GET and by POST, there and back again; refusals keep their codes."""
    said = _run("pop-core.js")

    assert "cn-shanghai" in said.pop("regions")
    assert said.pop("refusals") == {
        "unknown": "InvalidAllocationId.NotFound",
        "action": "InvalidAction.NotFound",
        "secret": "SignatureDoesNotMatch",
    }
    assert said == EXPECTED


def test_packages_on_openapi_client() -> None:
    """ACS3 signatures of the generated packages, there and back again; refusals keep their codes."""
    said = _run("openapi-client.js")

    assert "cn-shanghai" in said.pop("regions")
    assert said.pop("refusals") == {
        "unknown": "InvalidAllocationId.NotFound",
        "secret": "SignatureDoesNotMatch",
    }
    assert said == EXPECTED
