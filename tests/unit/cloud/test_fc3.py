"""The signature of FC 3.0 calls: the vendor's published example, and the vendor's SDK as the oracle."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from alibabacloud_tea_openapi.utils import Utils
from hypothesis import given
from hypothesis import strategies as st

from multieip.cloud import fc3
from multieip.cloud.fc3 import authorization, canonical_request

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = hashlib.sha256(b"").hexdigest()


def test_the_adapter_stays_small() -> None:
    """It takes the place of a library for what that saves: more than this would be a library again."""
    source = Path(fc3.__file__).read_text(encoding="utf-8")

    assert len(source.splitlines()) <= 150


def test_the_vendors_published_example_is_signed_as_published() -> None:
    """The example with fixed parameters on the page "Request syntax and signature method V3" (2026-06)."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": NOTHING,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"

    canonical = canonical_request("POST", "/", query, headers)

    published = "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
    assert hashlib.sha256(canonical.encode()).hexdigest() == published
    assert authorization("YourAccessKeyId", "YourAccessKeySecret", headers, canonical) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@given(
    headers=st.dictionaries(
        st.from_regex(r"x-(acs|fc)-[a-z][a-z0-9-]{0,12}", fullmatch=True),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        max_size=8,
    ),
    function=st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", fullmatch=True),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
    body=st.binary(max_size=40),
)
def test_the_vendors_sdk_signs_alike(
    headers: Mapping[str, str], function: str, secret: str, body: bytes
) -> None:
    """Whatever the headers and the key are, both give one `Authorization`."""
    digest = hashlib.sha256(body).hexdigest()
    sent = {**headers, "host": "127.0.0.1:8000", "x-acs-content-sha256": digest}
    path = f"/2023-03-30/functions/{function}/invocations"
    theirs = SimpleNamespace(method="POST", pathname=path, query={"qualifier": "LATEST"}, headers=sent)

    ours = authorization("key", secret, sent, canonical_request("POST", path, "qualifier=LATEST", sent))

    assert ours == Utils.get_authorization(theirs, "ACS3-HMAC-SHA256", digest, "key", secret)
