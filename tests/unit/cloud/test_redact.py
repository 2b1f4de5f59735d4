"""What is told of a failed call holds nothing that signs one."""

from __future__ import annotations

import pytest

from multieip.cloud.redact import no_answer, redact

CANARY = "c4nary"
ADDRESS = (
    "https://vpc.cn-shanghai.aliyuncs.com/?AccessKeyId=STS.c4naryc4nary&Signature=c4nary%3D&RegionId=cn-shanghai"
    "&SignatureNonce=c4nary&SecurityToken=c4nary%2Bc4nary"
)


@pytest.mark.parametrize(
    "text",
    [
        f"Max retries exceeded with url: {ADDRESS} (Caused by ConnectTimeoutError('timed out'))",
        f"server string to sign is:POST&%2F&AccessKeyId%3Dc4nary%26SecurityToken%3Dc4nary\n{CANARY}",
        '{"SecurityToken": "c4nary", "AccessKeySecret": "c4nary", "RegionId": "cn-shanghai"}',
        "Authorization: ACS3-HMAC-SHA256Credential=c4nary",
        "SecurityToken%3Dc4nary",
        "the key STS.NUc4naryc4nary is expired",
    ],
)
def test_no_secret_is_left(text: str) -> None:
    """Token, key id, signature and the text to sign, in every form in which they have been seen."""
    assert CANARY not in redact(text)


def test_other_words_stay() -> None:
    """A message is still one that a person can act on."""
    text = "InvalidSecurityToken.Expired: Specified SecurityToken is expired (request 4B1D)"
    assert redact(text) == text
    assert "RegionId=cn-shanghai" in redact(ADDRESS)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            (
                f"HTTPSConnectionPool(host='vpc.aliyuncs.com', port=443): too often: {ADDRESS} (Caused by "
                "NewConnectionError('<urllib3.connection object>: Failed'))"
            ),
            "no answer from vpc.aliyuncs.com:443 (NewConnectionError)",
        ),
        (
            "HTTPConnectionPool(host='127.0.0.1', port=8000): Read timed out. (read timeout=20)",
            "no answer from 127.0.0.1:8000 (timed out)",
        ),
        (ADDRESS, "no answer (ValueError)"),
    ],
)
def test_a_missing_answer_is_told_by_host_and_kind(said: str, told: str) -> None:
    """And by nothing else."""
    assert no_answer(ValueError(said)) == told
