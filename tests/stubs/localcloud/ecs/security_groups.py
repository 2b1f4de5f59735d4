"""Security groups and the rules of what may come in. They are kept and shown; packets do not obey them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from localcloud.calls import paging
from localcloud.calls.listing import tagged, where
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, TOKENS, Param, req, texts
from localcloud.ecs.errors import refusal
from localcloud.ecs.shapes import tag_rows
from localcloud.errors import ApiError, missing
from localcloud.physics.clock import stamp
from localcloud.state.ecs import SecurityGroup, SecurityRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.state.region import RegionState

_GROUP_PAGE = paging.Bounds(default=10, most=100)
_RULE_PAGE = paging.Bounds(default=500, most=1000)
_RULE: Final = (
    "IpProtocol",
    "PortRange",
    "SourceCidrIp",
    "SourceGroupId",
    "SourcePrefixListId",
    "Ipv6SourceCidrIp",
    "Policy",
    "Priority",
    "Description",
)


@ECS.writes(
    "CreateSecurityGroup",
    REGION,
    *texts("VpcId", "SecurityGroupName", "Description", "SecurityGroupType", "ResourceGroupId"),
    TAGS,
    idempotent=True,
)
def create_group(call: Call) -> Json:
    """CreateSecurityGroup."""
    args, state = call.args, call.state
    if args.text("VpcId") not in state.vpcs:
        raise ApiError("InvalidVpcId.NotFound", "The specified VpcId does not exist.", 404)
    group_id = call.cloud.ids.resource("sg", call.region_id)
    now = stamp(call.cloud.clock.now())
    group = SecurityGroup(
        group_id, args.text("VpcId"), args.text("SecurityGroupName"), now, args.text("Description")
    )
    state.security_groups[group_id] = group
    state.tags.put(group_id, args.tags())
    return {"SecurityGroupId": group_id}


@ECS.writes("DeleteSecurityGroup", REGION, req("SecurityGroupId"))
def delete_group(call: Call) -> Json:
    """DeleteSecurityGroup."""
    group = _group(call, call.args.text("SecurityGroupId"))
    if any(group.group_id in eni.security_groups for eni in call.state.enis.all.values()):
        raise ApiError(
            "DependencyViolation", "There is still instance(s) in the specified security group.", 403
        )
    del call.state.security_groups[group.group_id]
    call.state.tags.forget(group.group_id)
    return {}


def _group(call: Call, group_id: str) -> SecurityGroup:
    group = call.state.security_groups.get(group_id)
    if group is None:
        raise refusal("InvalidSecurityGroupId.NotFound")
    return group


@ECS.reads(
    "DescribeSecurityGroups",
    REGION,
    *texts("VpcId", "SecurityGroupId", "SecurityGroupName"),
    Param("SecurityGroupIds", "json-list", most=100),
    TAGS,
    *TOKENS,
    *PAGES,
)
def describe_groups(call: Call) -> Json:
    """DescribeSecurityGroups."""
    args, state = call.args, call.state
    wanted = set(args.json_list("SecurityGroupIds")) if args.has("SecurityGroupIds") else None
    carry = set(tagged(call)) if args.tags() else None
    found = where(
        call,
        (
            each
            for each in state.security_groups.values()
            if (wanted is None or each.group_id in wanted) and (carry is None or each.group_id in carry)
        ),
        {
            "VpcId": lambda each, value: each.vpc_id == value,
            "SecurityGroupId": lambda each, value: each.group_id == value,
            "SecurityGroupName": lambda each, value: each.name == value,
        },
    )
    page, fields = paging.either(call, found, _GROUP_PAGE, _GROUP_PAGE)
    rows = [_shape_group(state, each) for each in page]
    return {**fields, "RegionId": call.region_id, "SecurityGroups": {"SecurityGroup": rows}}


def _shape_group(state: RegionState, group: SecurityGroup) -> Json:
    return {
        "SecurityGroupId": group.group_id,
        "SecurityGroupName": group.name,
        "SecurityGroupType": "normal",
        "Description": group.description,
        "VpcId": group.vpc_id,
        "CreationTime": group.created,
        "ResourceGroupId": "",
        "ServiceManaged": False,
        "Tags": tag_rows(state, group.group_id),
    }


@ECS.reads(
    "DescribeSecurityGroupAttribute",
    REGION,
    req("SecurityGroupId"),
    *texts("Direction", "NicType"),
    *TOKENS,
)
def describe_group_attribute(call: Call) -> Json:
    """DescribeSecurityGroupAttribute: the rules of what may come in; those of the way out are not kept."""
    group = _group(call, call.args.text("SecurityGroupId"))
    shown = [] if call.args.text("Direction") == "egress" else group.rules
    page, token = paging.by_token(call, shown, _RULE_PAGE)
    return {
        "SecurityGroupId": group.group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc_id,
        "RegionId": call.region_id,
        "InnerAccessPolicy": "Accept",
        "NextToken": token,
        "Permissions": {"Permission": [_shape_rule(each) for each in page]},
    }


def _shape_rule(rule: SecurityRule) -> Json:
    return {
        "SecurityGroupRuleId": rule.rule_id,
        "Direction": "ingress",
        "Policy": rule.policy,
        "Priority": rule.priority,
        "IpProtocol": rule.protocol,
        "PortRange": rule.ports,
        "SourceCidrIp": rule.cidr,
        "SourceGroupId": rule.group,
        "SourcePrefixListId": rule.prefix_list,
        "Ipv6SourceCidrIp": rule.cidr6,
        "NicType": "intranet",
        "Description": rule.description,
        "CreateTime": rule.created,
    }


@ECS.writes(
    "AuthorizeSecurityGroup",
    REGION,
    req("SecurityGroupId"),
    Param("Permissions", "list", most=100),
    *texts(*_RULE),
    idempotent=True,
)
def authorize(call: Call) -> Json:
    """AuthorizeSecurityGroup: add rules of what may come in; one that is there already is not there twice."""
    group = _group(call, call.args.text("SecurityGroupId"))
    now = stamp(call.cloud.clock.now())
    for asked in _asked(call):
        rule = _rule(asked, call.cloud.ids.resource("sgr", call.region_id), now)
        if not any(each.same(rule) for each in group.rules):
            group.rules.append(rule)
    return {}


@ECS.writes(
    "RevokeSecurityGroup",
    REGION,
    req("SecurityGroupId"),
    Param("SecurityGroupRuleId", "list", most=100),
    Param("Permissions", "list", most=100),
    *texts(*_RULE),
    idempotent=True,
)
def revoke(call: Call) -> Json:
    """RevokeSecurityGroup: take rules away, by their ids or by all that they say."""
    group = _group(call, call.args.text("SecurityGroupId"))
    named = set(call.args.many("SecurityGroupRuleId"))
    gone = [] if named else [_rule(asked, "", "") for asked in _asked(call)]
    group.rules = [
        each
        for each in group.rules
        if each.rule_id not in named and not any(each.same(rule) for rule in gone)
    ]
    return {}


def _asked(call: Call) -> list[Mapping[str, str]]:
    """Return the rules that a call names: `Permissions.N.…`, or one in the parameters' old form."""
    several = call.args.records("Permissions")
    return list(several) if several else [{name: call.args.text(name) for name in _RULE}]


def _rule(asked: Mapping[str, str], rule_id: str, created: str) -> SecurityRule:
    for name in ("IpProtocol", "PortRange"):
        if not asked.get(name):
            raise missing(name)
    return SecurityRule(
        rule_id=rule_id,
        protocol=asked["IpProtocol"].upper(),
        ports=asked["PortRange"],
        cidr=asked.get("SourceCidrIp", ""),
        group=asked.get("SourceGroupId", ""),
        prefix_list=asked.get("SourcePrefixListId", ""),
        cidr6=asked.get("Ipv6SourceCidrIp", ""),
        policy=(asked.get("Policy") or "accept").capitalize(),
        priority=asked.get("Priority") or "1",
        description=asked.get("Description", ""),
        created=created,
    )
