"""Policies of the account's own, and which role they are attached to."""

from __future__ import annotations

from localcloud.accounts.policies import Policies, PolicyError
from localcloud.accounts.roles import ManagedPolicy
from localcloud.calls.operations import RAM, Call, Json
from localcloud.calls.params import Param, req
from localcloud.errors import ApiError
from localcloud.physics.clock import stamp
from localcloud.ram import errors, roles

_NAME = req("PolicyName", most=128)
# Policies of the vendor's (System) are none of an account's, and none of them is here.
_TYPE = req("PolicyType", choices=("Custom", "System"))
_ROLE = req("RoleName", most=64)
_VERSION = "v1"
_LONGEST_DOCUMENT = 6144


@RAM.writes("CreatePolicy", _NAME, req("PolicyDocument"), Param("Description", most=1024))
def create(call: Call) -> Json:
    """CreatePolicy: refused where the local cloud could not judge it."""
    args, account = call.args, call.account
    name, document = args.text("PolicyName"), args.text("PolicyDocument")
    if name in account.policies:
        raise ApiError("EntityAlreadyExists.Policy", f"The policy already exists: {name}.", 409)
    if len("".join(document.split())) > _LONGEST_DOCUMENT:
        raise errors.bad_document(f"a policy has at most {_LONGEST_DOCUMENT} characters")
    try:
        Policies([document])
    except PolicyError as wrong:
        raise errors.bad_document(str(wrong)) from wrong
    made = ManagedPolicy(name, document, call.cloud.clock.now(), args.text("Description"))
    account.policies[name] = made
    return {"Policy": _shown(made)}


@RAM.reads("GetPolicy", _NAME, _TYPE)
def get(call: Call) -> Json:
    """GetPolicy: with the document of its one version."""
    policy = _found(call)
    held = sum(policy.name in role.attached for role in call.account.roles.values())
    version = {
        "VersionId": _VERSION,
        "IsDefaultVersion": True,
        "PolicyDocument": policy.document,
        "CreateDate": stamp(policy.created),
    }
    return {"Policy": {**_shown(policy), "AttachmentCount": held}, "DefaultPolicyVersion": version}


@RAM.writes("DeletePolicy", _NAME)
def delete(call: Call) -> Json:
    """DeletePolicy: refused while a role has it."""
    policy = _found(call)
    held = [role.name for role in call.account.roles.values() if policy.name in role.attached]
    if held:
        raise ApiError(
            "DeleteConflict.Policy.Role",
            f"The policy can not be attached to any role: {policy.name}, {held[0]}.",
            409,
        )
    del call.account.policies[policy.name]
    return {}


@RAM.writes("AttachPolicyToRole", _TYPE, _NAME, _ROLE)
def attach(call: Call) -> Json:
    """AttachPolicyToRole: counts at once."""
    role, policy = roles.found(call), _found(call)
    if policy.name in role.attached:
        raise ApiError(
            "EntityAlreadyExists.Role.Policy",
            f"The policy has been attached to the role: {policy.name}, {role.name}.",
            409,
        )
    role.attached[policy.name] = call.cloud.clock.now()
    roles.granted(call, role)
    return {}


@RAM.writes("DetachPolicyFromRole", _TYPE, _NAME, _ROLE)
def detach(call: Call) -> Json:
    """DetachPolicyFromRole: counts at once."""
    role, policy = roles.found(call), _found(call)
    if policy.name not in role.attached:
        raise ApiError(
            "EntityNotExist.Role.Policy",
            f"The policy is not attached to the role: {policy.name}, {role.name}.",
            404,
        )
    del role.attached[policy.name]
    roles.granted(call, role)
    return {}


@RAM.reads("ListPoliciesForRole", _ROLE)
def list_for_role(call: Call) -> Json:
    """ListPoliciesForRole."""
    role = roles.found(call)
    rows = [
        {**_row(call.account.policies[name]), "AttachDate": stamp(when)}
        for name, when in role.attached.items()
    ]
    return {"Policies": {"Policy": rows}}


def _found(call: Call) -> ManagedPolicy:
    name = call.args.text("PolicyName")
    policy = call.account.policies.get(name)
    if policy is None or call.args.text("PolicyType", "Custom") != "Custom":
        raise errors.no_policy(name)
    return policy


def _row(policy: ManagedPolicy) -> Json:
    return {
        "PolicyName": policy.name,
        "PolicyType": "Custom",
        "Description": policy.description,
        "DefaultVersion": _VERSION,
    }


def _shown(policy: ManagedPolicy) -> Json:
    return {**_row(policy), "CreateDate": stamp(policy.created)}
