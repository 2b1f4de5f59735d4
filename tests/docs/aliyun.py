"""`aliyun PRODUCT ACTION --Name value …` for pages that are followed: the call that it names, sent.

It takes the words of the vendor's command line and nothing else, and sends the one call by the vendor's SDK
core to the local cloud at `STUB_ENDPOINT`, with the keys of the environment. `parse` is for tests that read.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSIONS = {
    "actiontrail": "2020-07-06",
    "ecs": "2014-05-26",
    "ram": "2015-05-01",
    "sts": "2015-04-01",
    "vpc": "2016-04-28",
}
_OF_THE_CLI = frozenset({"--region", "--profile"})
_NAME = re.compile(r"--[A-Z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: product as the command line writes it, action, parameters by their wire names."""

    product: str
    action: str
    params: Mapping[str, str]


def parse(words: Sequence[str]) -> Call:
    """Read the words after `aliyun`; raises `ValueError` with what is wrong."""
    if len(words) < 2:
        raise ValueError("say: aliyun PRODUCT ACTION --Name value")
    product, action, rest = words[0], words[1], list(words[2:])
    if product not in VERSIONS:
        raise ValueError(f"{product} is no product that the pages use: {', '.join(VERSIONS)}")
    params: dict[str, str] = {}
    while rest:
        name = rest.pop(0)
        if not rest or rest[0].startswith("--"):
            raise ValueError(f"{name} has no value")
        value = rest.pop(0)
        if name in _OF_THE_CLI:
            continue
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name} is no parameter: write --Name value")
        if name[2:] in params:
            raise ValueError(f"{name} stands twice")
        params[name[2:]] = value
    return Call(product, action, params)


def main(words: Sequence[str]) -> int:
    """Send the call and print its answer, as the command line does."""
    from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException  # noqa: PLC0415

    try:
        call = parse(words)
    except ValueError as wrong:
        sys.stderr.write(f"ERROR: {wrong}\n")
        return 2
    try:
        sys.stdout.write(_sent(call).decode() + "\n")
    except (ClientException, ServerException) as refused:
        sys.stderr.write(f"ERROR: {refused}\n")
        return 1
    return 0


def _sent(call: Call) -> bytes:
    from aliyunsdkcore.client import AcsClient  # noqa: PLC0415
    from aliyunsdkcore.request import CommonRequest  # noqa: PLC0415

    environ = os.environ
    request: Any = CommonRequest()
    request.set_domain(urlsplit(environ["STUB_ENDPOINT"]).netloc)
    request.set_protocol_type("http")
    request.set_method("POST")
    request.set_version(VERSIONS[call.product])
    request.set_action_name(call.action)
    for name, value in call.params.items():
        request.add_query_param(name, value)
    client: Any = AcsClient(
        environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        call.params.get("RegionId", environ.get("STUB_REGION", "cn-shanghai")),
    )
    answer: bytes = client.do_action_with_exception(request)
    return answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
