"""Roles and policies that RAM's API makes, and that functions then have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import CallRefusedError
from localcloud.accounts.roles import FUNCTION_COMPUTE
from localcloud.errors import ApiError

if TYPE_CHECKING:
    from localcloud import AccessKey, MockCloud

ROLE = "acs:ram::1234567890123456:role/fx"
GRAMMAR = "InvalidParameter.PolicyGrammar"
LIST = {"RegionId": "cn-shanghai"}


def trust(*services: str, accounts: tuple[str, ...] = ()) -> str:
    """Return a document that lets these take the role on."""
    principal = {"Service": list(services), "RAM": list(accounts)}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "1", "Statement": [statement]})


def allow(*actions: str) -> str:
    """Return a policy that allows actions on everything."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": ["*"]}
    return json.dumps({"Version": "1", "Statement": [statement]})


class Caller:
    """Calls by the names of the wire, as the owner of some key."""

    def __init__(self, local: MockCloud, key: AccessKey | None = None) -> None:
        """Be the first account's user, who may do everything, unless told otherwise."""
        self._api = local.cloud.api(key)

    def __call__(self, action: str, product: str = "Ram", **params: str) -> dict[str, Any]:
        """Make a call; a refusal is raised."""
        return self._api.call(product, action, params)

    def code(self, action: str, product: str = "Ram", **params: str) -> str:
        """Make a call and return the code of its refusal, empty where it passes."""
        try:
            self(action, product, **params)
        except CallRefusedError as refusal:
            return refusal.code
        return ""


@pytest.fixture
def call(local: MockCloud) -> Caller:
    """Be somebody who may do everything."""
    return Caller(local)


def test_a_role_has_what_is_attached_to_it_and_nothing_else(local: MockCloud, call: Caller) -> None:
    """From its making on, also for keys that are out: nothing, then what its policy allows, then nothing."""
    call("CreateRole", RoleName="fx", AssumeRolePolicyDocument=trust(FUNCTION_COMPUTE))
    call("CreatePolicy", PolicyName="reads", PolicyDocument=allow("vpc:DescribeEipAddresses"))
    keys = local.cloud.keys.find(local.cloud.issue_credentials(ROLE, "s")[0])
    named = {"PolicyType": "Custom", "PolicyName": "reads", "RoleName": "fx"}
    role = Caller(local, keys)

    before = role.code("DescribeEipAddresses", "Vpc", **LIST)
    call("AttachPolicyToRole", **named)
    attached = [role.code(action, "Vpc", **LIST) for action in ("DescribeEipAddresses", "DescribeVpcs")]
    rows = call("ListPoliciesForRole", RoleName="fx")["Policies"]["Policy"]
    count = call("GetPolicy", PolicyType="Custom", PolicyName="reads")["Policy"]["AttachmentCount"]
    call("DetachPolicyFromRole", **named)

    assert (before, attached) == ("Forbidden.RAM", ["", "Forbidden.RAM"])
    assert role.code("DescribeEipAddresses", "Vpc", **LIST) == "Forbidden.RAM"
    assert ([row["PolicyName"] for row in rows], count) == (["reads"], 1)


def test_a_role_is_taken_on_by_whom_it_trusts(local: MockCloud, call: Caller) -> None:
    """Function Compute where the document names it, an account where it names that; nobody else."""
    root = "acs:ram::1234567890123456:root"
    call("CreateRole", RoleName="fx", AssumeRolePolicyDocument=trust("ecs.aliyuncs.com", accounts=(root,)))
    call("CreateRole", RoleName="FC", AssumeRolePolicyDocument=trust(FUNCTION_COMPUTE))
    session = {"RoleSessionName": "s"}

    assert call("AssumeRole", "Sts", RoleArn=ROLE, **session)["AssumedRoleUser"]
    assert call.code("AssumeRole", "Sts", RoleArn=ROLE[:-2] + "fc", **session) == "NoPermission"
    assert local.cloud.issue_credentials(ROLE[:-2] + "fc", "s")
    with pytest.raises(ApiError, match="NoPermission"):
        local.cloud.issue_credentials(ROLE, "s")


def test_what_is_made_is_shown_as_it_was_given(call: Caller) -> None:
    """Each name once; the ARN is in small letters."""
    document = trust(FUNCTION_COMPUTE)
    made = call("CreateRole", RoleName="FX", AssumeRolePolicyDocument=document, Description="d")["Role"]
    call("CreatePolicy", PolicyName="p", PolicyDocument=allow("ecs:*"))

    shown = call("GetRole", RoleName="fx")["Role"]
    version = call("GetPolicy", PolicyType="Custom", PolicyName="p")["DefaultPolicyVersion"]

    assert {name: shown[name] for name in made} == made
    assert (made["Arn"], made["AssumeRolePolicyDocument"], made["Description"]) == (ROLE, document, "d")
    assert version["PolicyDocument"] == allow("ecs:*")


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("CreateRole", {"RoleName": "FX", "AssumeRolePolicyDocument": trust()}, "EntityAlreadyExists.Role"),
        ("CreateRole", {"RoleName": "n", "AssumeRolePolicyDocument": "x"}, GRAMMAR),
        ("CreateRole", {"RoleName": "n", "AssumeRolePolicyDocument": allow("*")}, GRAMMAR),
        ("GetRole", {"RoleName": "none"}, "EntityNotExist.Role"),
        ("DeleteRole", {"RoleName": "fx"}, "DeleteConflict.Role.Policy"),
        ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": allow("*")}, "EntityAlreadyExists.Policy"),
        ("CreatePolicy", {"PolicyName": "q", "PolicyDocument": "{}"}, GRAMMAR),
        ("CreatePolicy", {"PolicyName": "q", "PolicyDocument": allow("a" * 6144)}, GRAMMAR),
        ("DeletePolicy", {"PolicyName": "p"}, "DeleteConflict.Policy.Role"),
        ("GetPolicy", {"PolicyType": "System", "PolicyName": "p"}, "EntityNotExist.Policy"),
        (
            "AttachPolicyToRole",
            {"PolicyType": "Custom", "PolicyName": "p", "RoleName": "fx"},
            "EntityAlreadyExists.Role.Policy",
        ),
        (
            "DetachPolicyFromRole",
            {"PolicyType": "Custom", "PolicyName": "loose", "RoleName": "fx"},
            "EntityNotExist.Role.Policy",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_in_rams_words(
    call: Caller, action: str, params: dict[str, str], code: str
) -> None:
    """Of a role `fx` that has the policy `p`, beside a policy `loose`."""
    call("CreateRole", RoleName="fx", AssumeRolePolicyDocument=trust(FUNCTION_COMPUTE))
    for name in ("p", "loose"):
        call("CreatePolicy", PolicyName=name, PolicyDocument=allow("ecs:*"))
    call("AttachPolicyToRole", PolicyType="Custom", PolicyName="p", RoleName="fx")

    assert call.code(action, **params) == code


def test_what_is_taken_apart_in_order_is_gone(local: MockCloud, call: Caller) -> None:
    """Detached, then deleted; keys that are out may do nothing any more."""
    call("CreateRole", RoleName="fx", AssumeRolePolicyDocument=trust(FUNCTION_COMPUTE))
    call("CreatePolicy", PolicyName="p", PolicyDocument=allow("*"))
    named = {"PolicyType": "Custom", "PolicyName": "p", "RoleName": "fx"}
    call("AttachPolicyToRole", **named)
    keys = local.cloud.keys.find(local.cloud.issue_credentials(ROLE, "s")[0])
    call("DetachPolicyFromRole", **named)
    call("DeletePolicy", PolicyName="p")
    call("DeleteRole", RoleName="fx")

    assert call.code("GetRole", RoleName="fx") == "EntityNotExist.Role"
    assert Caller(local, keys).code("DescribeVpcs", "Vpc", **LIST) == "Forbidden.RAM"
