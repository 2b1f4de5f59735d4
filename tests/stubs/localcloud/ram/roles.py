"""CreateRole, GetRole and DeleteRole."""

from __future__ import annotations

from localcloud.accounts.policies import PolicyError
from localcloud.accounts.roles import Role, read_trust
from localcloud.calls.operations import RAM, Call, Json
from localcloud.calls.params import Param, integers, req
from localcloud.errors import ApiError
from localcloud.physics.clock import stamp
from localcloud.ram import errors

_NAME = req("RoleName", most=64)


@RAM.writes(
    "CreateRole",
    _NAME,
    req("AssumeRolePolicyDocument"),
    Param("Description", most=1024),
    *integers("MaxSessionDuration"),
)
def create(call: Call) -> Json:
    """CreateRole: a role that may do nothing yet."""
    args, now = call.args, call.cloud.clock.now()
    name, trust = args.text("RoleName"), args.text("AssumeRolePolicyDocument")
    if name.lower() in call.account.roles:
        raise errors.role_exists(name)
    try:
        list(read_trust(trust))
    except PolicyError as wrong:
        raise errors.bad_document(str(wrong)) from wrong
    role = Role(name, call.cloud.ids.token(18), trust, now, args.text("Description"))
    role.session_s = args.integer("MaxSessionDuration", role.session_s)
    call.account.roles[name.lower()] = role
    granted(call, role)
    return {"Role": _shown(call, role)}


@RAM.reads("GetRole", _NAME)
def get(call: Call) -> Json:
    """GetRole."""
    return {"Role": {**_shown(call, found(call)), "IsServiceLinkedRole": False}}


@RAM.writes("DeleteRole", _NAME)
def delete(call: Call) -> Json:
    """DeleteRole: refused while a policy is attached to it."""
    role = found(call)
    if role.attached:
        raise ApiError(
            "DeleteConflict.Role.Policy",
            f"The role can not has any policies attached to it: {role.name}.",
            409,
        )
    # Keys that are out already may do nothing any more.
    granted(call, role)
    del call.account.roles[role.name.lower()]
    return {}


def found(call: Call) -> Role:
    """Return the role that a call names."""
    name = call.args.text("RoleName")
    role = call.account.roles.get(name.lower())
    if role is None:
        raise errors.no_role(name)
    return role


def granted(call: Call, role: Role) -> None:
    """Let what is attached to the role count, for keys that are out already as well."""
    documents = [call.account.policies[each].document for each in role.attached]
    call.cloud.accounts.give(call.account, role.name, documents)


def _shown(call: Call, role: Role) -> Json:
    return {
        "RoleName": role.name,
        "RoleId": role.role_id,
        # RAM writes the names of roles in ARNs in small letters.
        "Arn": f"acs:ram::{call.account.account_id}:role/{role.name.lower()}",
        "AssumeRolePolicyDocument": role.trust,
        "Description": role.description,
        "MaxSessionDuration": role.session_s,
        "CreateDate": stamp(role.created),
    }
