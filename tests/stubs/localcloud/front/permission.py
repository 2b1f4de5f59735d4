"""Which resources a call touches, as RAM sees it: the ARNs that a policy has to allow.

By the tables of the products' own pages where they are known. An id that a call leaves out is `*`: a policy
for one EIP does not allow a list of all. A list by tags is judged as if what it lists carried them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from localcloud.accounts.policies import Asked, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.calls.operations import Call


class _Kind(NamedTuple):
    """One kind of resource of an action: whose it is, and in which parameters its ids stand."""

    service: str
    kind: str
    params: tuple[str, ...] = ()


_EIP: Final = _Kind("vpc", "eip", ("AllocationId",))
_ENI: Final = _Kind("ecs", "eni", ("NetworkInterfaceId",))
_INSTANCE: Final = _Kind("ecs", "instance", ("InstanceId", "InstanceIds"))
_GROUP: Final = _Kind("ecs", "securitygroup", ("SecurityGroupId", "SecurityGroupIds"))
_VPC: Final = _Kind("vpc", "vpc", ("VpcId",))
_VSWITCH: Final = _Kind("vpc", "vswitch", ("VSwitchId",))
_COMMAND: Final = _Kind("ecs", "command", ("CommandId",))
_BOUND: Final = (_Kind("vpc", "instance", ("InstanceId",)), _Kind("ecs", "instance", ("InstanceId",)))
_BOUND_BY_BATCH: Final = (
    _Kind("vpc", "eip", ("InstanceIds",)),
    _Kind("vpc", "instance", ("BindedInstanceId",)),
    _Kind("ecs", "instance", ("BindedInstanceId",)),
)

_TOUCHED: Final[Mapping[str, tuple[_Kind, ...]]] = {
    "vpc:AllocateEipAddress": (_Kind("vpc", "eip"),),
    "vpc:AllocateEipAddressPro": (_Kind("vpc", "eip"),),
    "vpc:AssociateEipAddress": (_EIP, *_BOUND),
    "vpc:AssociateEipAddressBatch": _BOUND_BY_BATCH,
    "vpc:CreateVSwitch": (_VSWITCH, _VPC),
    "vpc:CreateVpc": (_Kind("vpc", "vpc"),),
    "vpc:DeleteVSwitch": (_VSWITCH,),
    "vpc:DeleteVpc": (_VPC,),
    "vpc:DescribeEipAddresses": (_EIP,),
    "vpc:DescribeEipGatewayInfo": (_Kind("vpc", "eip"),),
    "vpc:DescribeVSwitchAttributes": (_VSWITCH,),
    "vpc:DescribeVSwitches": (_VSWITCH,),
    "vpc:DescribeVpcAttribute": (_VPC,),
    "vpc:DescribeVpcs": (_VPC,),
    "vpc:ModifyEipAddressAttribute": (_EIP,),
    "vpc:ModifyEipForwardMode": (_Kind("vpc", "eip", ("InstanceId",)),),
    "vpc:ReleaseEipAddress": (_EIP,),
    "vpc:UnassociateEipAddress": (_EIP, *_BOUND),
    "ecs:AllocateEipAddress": (_Kind("vpc", "eip"),),
    "ecs:AssociateEipAddress": (_EIP, *_BOUND),
    "ecs:DescribeEipAddresses": (_EIP,),
    "ecs:ReleaseEipAddress": (_EIP,),
    "ecs:UnassociateEipAddress": (_EIP, *_BOUND),
    "ecs:AssignPrivateIpAddresses": (_ENI,),
    "ecs:AttachNetworkInterface": (_ENI, _INSTANCE),
    "ecs:AuthorizeSecurityGroup": (_GROUP,),
    "ecs:CreateNetworkInterface": (_Kind("ecs", "eni"), _GROUP, _VSWITCH),
    "ecs:CreateSecurityGroup": (_Kind("ecs", "securitygroup"), _VPC),
    "ecs:DeleteInstance": (_INSTANCE,),
    "ecs:DeleteNetworkInterface": (_ENI,),
    "ecs:DeleteSecurityGroup": (_GROUP,),
    "ecs:DescribeCloudAssistantStatus": (_INSTANCE,),
    "ecs:DescribeInstanceAttribute": (_INSTANCE,),
    "ecs:DescribeInstanceStatus": (_INSTANCE,),
    "ecs:DescribeInstances": (_INSTANCE,),
    "ecs:DescribeInvocationResults": (_INSTANCE, _COMMAND),
    "ecs:DescribeInvocations": (_INSTANCE, _COMMAND),
    "ecs:DescribeNetworkInterfaceAttribute": (_ENI,),
    "ecs:DescribeNetworkInterfaces": (_ENI,),
    "ecs:DescribeSecurityGroupAttribute": (_GROUP,),
    "ecs:DescribeSecurityGroups": (_GROUP,),
    "ecs:DetachNetworkInterface": (_ENI, _INSTANCE),
    "ecs:ModifyNetworkInterfaceAttribute": (_ENI, _GROUP),
    "ecs:RebootInstance": (_INSTANCE,),
    "ecs:RebootInstances": (_INSTANCE,),
    "ecs:RevokeSecurityGroup": (_GROUP,),
    "ecs:RunCommand": (_INSTANCE,),
    "ecs:RunInstances": (_Kind("ecs", "instance"), _GROUP, _VSWITCH),
    "ecs:StartInstance": (_INSTANCE,),
    "ecs:StartInstances": (_INSTANCE,),
    "ecs:StopInstance": (_INSTANCE,),
    "ecs:StopInstances": (_INSTANCE,),
    "ecs:StopInvocation": (_INSTANCE,),
    "ecs:UnassignPrivateIpAddresses": (_ENI,),
}
# Tag calls name the kind in a parameter. The new ones of ECS list without looking at resources.
_TAG_CALLS: Final = frozenset(
    ["AddTags", "ListTagResources", "RemoveTags", "TagResources", "UnTagResources", "UntagResources"]
)
_WITHOUT_RESOURCE: Final = frozenset(["ecs:ListTagResources"])


def asked(call: Call) -> Asked:
    """Return what RAM is asked about a call."""
    tags = call.args.tags()
    absent = call.cloud.switches.is_("request-tags-in-policies", "absent")
    permission = call.operation.permission
    return Asked(permission, _targets(call, tags), None if absent else tags, _run_as(call))


def _run_as(call: Call) -> str:
    """Return the user that a command would run as; without a name the agent's own, root or System."""
    if call.operation.permission != "ecs:RunCommand":
        return ""
    windows = {"RunBatScript", "RunPowerShellScript"}
    return call.args.text("Username") or ("System" if call.args.text("Type") in windows else "root")


def _targets(call: Call, tags: Mapping[str, str | None]) -> list[Target]:
    permission = call.operation.permission
    product, _, name = permission.partition(":")
    # The ECS API has calls for EIPs too; what they touch is the same.
    kinds = _TOUCHED.get(permission) or _TOUCHED.get(f"vpc:{name}")
    if name in _TAG_CALLS and permission not in _WITHOUT_RESOURCE:
        kinds = (_Kind(product, call.args.text("ResourceType").lower(), ("ResourceId",)),)
    if kinds is None:
        return [Target("*")]
    return [target for kind in kinds for target in _of_kind(call, kind, tags)]


def _of_kind(call: Call, kind: _Kind, tags: Mapping[str, str | None]) -> list[Target]:
    arn = f"acs:{kind.service}:{call.region_id}:{call.account.account_id}:{kind.kind}"
    ids = [each for param in kind.params for each in _ids(call, param)]
    if ids:
        return [Target(f"{arn}/{each}", call.state.tags.of(each)) for each in ids]
    listed = {} if call.operation.write else {key: value for key, value in tags.items() if value is not None}
    return [Target(f"{arn}/*", listed)]


def _ids(call: Call, param: str) -> list[str]:
    # `many` also reads a JSON array; AllocationId holds several with commas.
    return [each for value in call.args.many(param) for each in value.split(",") if each]
