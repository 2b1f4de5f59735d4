"""Runs one function once, outside of the server: what `s <function> invoke` does with the local component."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from localcloud.fc.attach import ACCOUNT
from localcloud.fc.errors import ConfigError
from localcloud.fc.runner import Invocation, Outcome, Platform, Runner, new_request_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.fc.model import FunctionConfig

HOW_TO_START: Final = (
    "start the local cloud with `localcloud serve --port 8000 --env-file .local/env`, then `. .local/env`"
)
_ROLE_ACCOUNT: Final = re.compile(r"acs:ram::(\d+):")


def run_once(function: FunctionConfig, event: bytes, environ: Mapping[str, str] | None = None) -> Outcome:
    """Run the function against the local cloud of the environment, with the environment's credentials."""
    environ = os.environ if environ is None else environ
    for name in ("STUB_ENDPOINT", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        if not environ.get(name):
            raise ConfigError(f"{name} is not set: {HOW_TO_START}")
    endpoint = environ["STUB_ENDPOINT"]
    keys = (
        environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
    )
    account = _ROLE_ACCOUNT.match(function.role)
    platform = Platform(
        account_id=account[1] if account else ACCOUNT,
        region=function.region,
        issue_credentials=lambda _role, _session: keys,
        extra_environment={"STUB_ENDPOINT": endpoint, "MULTI_EIP_ENDPOINT": endpoint},
    )
    runner = Runner(platform)
    try:
        return runner.run(Invocation(function, new_request_id(), event))
    finally:
        runner.close()
