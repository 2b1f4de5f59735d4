"""Where the keys of a call come from, what is said where there are none, and what happens when they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import attach_functions
from multieip.app.wiring import new_token
from multieip.clock import SystemClock
from multieip.cloud.api import SdkApi
from multieip.cloud.credentials import Credentials, Keyring, RenewingApi, RenewingInvoker, find_credentials
from multieip.cloud.fc import FunctionInvoker, FunctionPlace
from multieip.errors import CredentialsError, MultiEipError, RefusedError, TokenEndedError
from multieip.log import CallLog

if TYPE_CHECKING:
    from localcloud import MockCloud

ROOT = Path(__file__).parents[3]
ROLE = "acs:ram::1234567890123456:role/multi-eip"
DAYS_S = 3 * 86_400
LIST = ("Ecs", "DescribeNetworkInterfaces", {"RegionId": "cn-shanghai"})


def _context(key_id: str, secret: str, token: str) -> object:
    keys = SimpleNamespace(access_key_id=key_id, access_key_secret=secret, security_token=token)
    return SimpleNamespace(credentials=keys)


def _environ(key_id: str, secret: str, token: str) -> dict[str, str]:
    return {
        "FC_FUNCTION_NAME": "multi-eip-bind",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": token,
    }


def test_the_context_of_the_call_comes_first_then_the_environment() -> None:
    """The environment's keys are as old as the instance; names of other tools are not looked at."""
    environ = {**_environ("env", "env-secret", ""), "ALIYUN_ACCESS_KEY_ID": "trap"}

    assert find_credentials(environ, _context("ctx", "ctx-secret", "t")) == Credentials(
        "ctx", "ctx-secret", "t"
    )
    assert find_credentials(environ, _context("ctx", "", "")) == Credentials("env", "env-secret", "")
    assert find_credentials(environ, SimpleNamespace()) == Credentials("env", "env-secret", "")
    assert "hidden" not in repr(Credentials("id", "hidden-secret", "hidden-token"))


def test_a_function_without_a_role_says_which_setting_to_mend() -> None:
    """Nothing is asked of a machine that is not ours; the sentence names function and setting."""
    with pytest.raises(CredentialsError, match=r"multi-eip-bind has no role.*s\.yaml.*DEPLOY_BIND_ROLE"):
        find_credentials(_environ("", "", ""), _context("", "", ""))


def _on_a_laptop(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import os\nfrom multieip.cloud.credentials import find_credentials\nfrom multieip.errors import *\n"
        "try: print(find_credentials(os.environ).key_id)\n"
        "except CredentialsError as error: print('missing:', error)"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT / "shared")}
    environment |= {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", **more}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )


def test_on_a_laptop_the_vendors_chain_finds_a_profile(tmp_path: Path) -> None:
    """A profile file that the vendor's tools know is found; without one the sentence says what to do."""
    keys = {"mode": "AK", "access_key_id": "from-profile", "access_key_secret": "s", "name": "default"}
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps({"current": "default", "profiles": [keys]}))
    (empty := tmp_path / "empty").mkdir()

    assert _on_a_laptop(tmp_path).stdout.strip() == "from-profile"
    assert "missing: no keys to call the cloud with: set ALIBABA_CLOUD_ACCESS" in _on_a_laptop(empty).stdout


def _api(local: MockCloud, ring: Keyring) -> RenewingApi:
    calls = CallLog()
    return RenewingApi(SdkApi(ring, local.cloud.clock, calls, endpoint=local.endpoint), ring)


def _invoker(local: MockCloud, ring: Keyring) -> RenewingInvoker:
    place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", "", local.endpoint)
    # Signatures are dated by the real time, whatever time the cloud plays.
    invoker = FunctionInvoker(place, ring, SystemClock(), CallLog(), new_nonce=new_token)
    return RenewingInvoker(invoker, ring)


def _call(local: MockCloud, ring: Keyring, way: str) -> Any:  # noqa: ANN401  an answer of either
    if way == "read":
        return _api(local, ring).call(*LIST)  # type: ignore[arg-type]
    return _invoker(local, ring).start("bind", {}, task_id="t-1")


@pytest.mark.parametrize("way", ["read", "start"])
def test_keys_that_end_in_the_middle_are_renewed_once(local_cloud_http: MockCloud, way: str) -> None:
    """The same call goes on with the fresher ones, and later calls do not try the ended ones again."""
    local = local_cloud_http
    functions = attach_functions(local.cloud, s_yaml=ROOT / "s.yaml", react=False, endpoint=local.endpoint)
    old = local.cloud.issue_credentials(ROLE, "old")
    ring = Keyring(_environ(*old), _context(*local.cloud.issue_credentials(ROLE, "older")))
    local.cloud.clock.sleep(DAYS_S)
    fresh = _environ(*local.cloud.issue_credentials(ROLE, "fresh"))

    ring_with_fresh = Keyring(fresh, _context(*old))

    assert _call(local, ring_with_fresh, way)
    assert ring_with_fresh().key_id == fresh["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    with pytest.raises(TokenEndedError, match="the next one gets fresh keys"):
        _call(local, ring, way)
    functions.close()


def test_ended_keys_are_no_refusal_of_one_call(local_cloud_http: MockCloud) -> None:
    """What sorts the refusals of a step must not take it for one, or the run would end `blocked`."""
    ring = Keyring(_environ(*local_cloud_http.cloud.issue_credentials(ROLE, "s")))
    local_cloud_http.cloud.clock.sleep(DAYS_S)

    with pytest.raises(MultiEipError) as ended:
        _api(local_cloud_http, ring).call(*LIST)  # type: ignore[arg-type]

    assert not isinstance(ended.value, RefusedError)


def test_another_refusal_renews_nothing(local_cloud_http: MockCloud) -> None:
    """A wrong secret stays a refusal: the next keys are not tried on it."""
    key_id, _, token = local_cloud_http.cloud.issue_credentials(ROLE, "s")
    good = local_cloud_http.cloud.issue_credentials(ROLE, "good")
    ring = Keyring(_environ(*good), _context(key_id, "wrong", token))

    with pytest.raises(RefusedError, match="InvalidAccessKeySecret"):
        _api(local_cloud_http, ring).call(*LIST)  # type: ignore[arg-type]
