"""Instances: run, describe, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from localcloud.calls import paging
from localcloud.calls.listing import MOST_BY_TAG, kept, like, limited, tagged, unlisted, visible, where
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, TOKENS, Param, flags, integers, req, texts
from localcloud.ecs.attachment import nic_of
from localcloud.ecs.deletion import let_go
from localcloud.ecs.errors import refusal
from localcloud.ecs.shapes import instance_row, tag_rows
from localcloud.errors import ApiError, dry_run, forbidden_ram, missing
from localcloud.physics.clock import stamp
from localcloud.state.ecs import Eni, Instance
from localcloud.state.instance_types import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PAGE = paging.Bounds(default=10, most=100)
# More than a hundred by token are bent to a hundred.
_TOKEN_PAGE = paging.Bounds(default=10, most=100, clamp=True)
_MAX_AT_ONCE = 100
_NOT_IN_ATTRIBUTE = (
    "InstanceTypeFamily", "OSType", "OSName", "OSNameEn", "NetworkInterfaces", "Tags", "StartTime",
    "ResourceGroupId", "DeletionProtection", "DeviceAvailable",
)  # fmt: skip


@ECS.writes(
    "RunInstances",
    REGION,
    *texts(
        "InstanceType", "ImageId", "SecurityGroupId", "VSwitchId", "InstanceName", "HostName", "Description"
    ),
    *texts("PrivateIpAddress", "ResourceGroupId", "ZoneId"),
    Param("SecurityGroupIds", "list", most=5),
    *integers("Amount"),
    *flags("DeletionProtection"),
    TAGS,
    idempotent=True,
)
def run(call: Call) -> Json:
    """RunInstances; images whose id begins with `win` are Windows."""
    amount = call.args.integer("Amount", 1)
    if not 1 <= amount <= _MAX_AT_ONCE:
        raise ApiError("InvalidAmount.NotFound", "The specified Amount is out of range.", 404)
    instances: list[Instance] = []
    try:
        for _ in range(amount):
            instances.append(add_instance(call))  # noqa: PERF401 - what was made goes again on a refusal
    except ApiError:
        for instance in instances:
            let_go(call, instance)
        raise
    for instance in instances:
        boot(call, instance, "Pending", "start")
    return {
        "OrderId": "",
        "TradePrice": 0.0,
        "InstanceIdSets": {"InstanceIdSet": [each.instance_id for each in instances]},
    }


def add_instance(call: Call) -> Instance:
    """Make a new, stopped instance with its primary interface, as RunInstances' parameters say."""
    args, state, cloud = call.args, call.state, call.cloud
    if not args.has("InstanceType"):
        # On the real cloud a launch template may say it; there is none here.
        raise missing("InstanceType")
    kind = TYPES.get(args.text("InstanceType"))
    if kind is None:
        raise refusal("InvalidInstanceType.ValueNotSupported")
    instance_id = cloud.ids.resource("i", call.region_id)
    eni = _primary(call, instance_id)
    image = args.text("ImageId", "aliyun_3_x64_20G_alibase_20260101.vhd")
    os_type: Literal["linux", "windows"] = "windows" if image.startswith("win") else "linux"
    instance = Instance(
        instance_id,
        kind,
        os_type,
        eni.vpc_id,
        eni.vswitch_id,
        eni.zone_id,
        eni.security_groups,
        eni.created,
        cloud.world.create_guest(instance_id, os_type, nic_of(state, eni)),
        name=args.text("InstanceName", instance_id),
        hostname=args.text("HostName", f"iZ{instance_id[2:]}Z"),
        description=args.text("Description"),
        image_id=image,
        resource_group_id=args.text("ResourceGroupId"),
        primary_eni_id=eni.eni_id,
        deletion_protection=args.flag("DeletionProtection"),
        unlisted_reads=unlisted(call),
    )
    state.enis.add(eni)
    state.instances[instance_id] = instance
    state.tags.put(instance_id, args.tags())
    return instance


def _primary(call: Call, instance_id: str) -> Eni:
    args, state, cloud = call.args, call.state, call.cloud
    vswitch = state.vswitches.get(args.text("VSwitchId"))
    if vswitch is None:
        raise refusal("InvalidVSwitchId.NotFound")
    groups = [args.text("SecurityGroupId")] if args.has("SecurityGroupId") else args.many("SecurityGroupIds")
    if not groups or any(group not in state.security_groups for group in groups):
        raise refusal("InvalidSecurityGroupId.NotFound")
    return Eni(
        cloud.ids.resource("eni", call.region_id),
        cloud.ids.mac(),
        "Primary",
        vswitch.vpc_id,
        vswitch.vswitch_id,
        vswitch.zone_id,
        groups,
        [vswitch.take(args.text("PrivateIpAddress"))],
        stamp(cloud.clock.now()),
        status="InUse",
        instance_id=instance_id,
    )


def boot_ends(call: Call, instance: Instance) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what a boot leads to: when the guest has come up, and when it has not."""
    cloud, account, region = call.cloud, call.account.account_id, call.region_id

    def running() -> None:
        instance.status = "Running"
        instance.booted += 1
        instance.started = stamp(cloud.clock.now())
        cloud.trail.instance_state(account, region, instance.instance_id, "Running")

    def failed() -> None:
        instance.status = "Stopped"
        cloud.trail.instance_state(account, region, instance.instance_id, "Stopped")

    return running, failed


def boot(call: Call, instance: Instance, first: Literal["Pending", "Starting"], change: str) -> None:
    """Bring an instance up; it is `Running` when its guest has booted."""
    cloud, account, region = call.cloud, call.account.account_id, call.region_id
    instance.status = first
    if first == "Pending":
        cloud.trail.instance_state(account, region, instance.instance_id, "Created")
    cloud.trail.instance_state(account, region, instance.instance_id, "Starting")

    running, failed = boot_ends(call, instance)
    cloud.transitions.begin(
        instance.instance_id,
        running,
        effect=instance.guest.start,
        fail=failed,
        stay=call.stay(change),
    )


@ECS.reads(
    "DescribeInstances",
    REGION,
    Param("InstanceIds", "json-list", most=100),
    Param("PrivateIpAddresses", "json-list", most=100),
    Param("PublicIpAddresses", "json-list", most=100),
    Param("EipAddresses", "json-list", most=100),
    *texts("InstanceName", "InstanceType", "InstanceTypeFamily", "Status", "VpcId", "VSwitchId", "ZoneId"),
    *texts("SecurityGroupId", "ResourceGroupId", "InstanceNetworkType", "InstanceChargeType"),
    *flags("DryRun"),
    TAGS,
    *TOKENS,
    *PAGES,
    denied="empty",
)
def describe(call: Call) -> Json:
    """DescribeInstances; without the permission it is an empty list, and only DryRun tells."""
    if call.args.flag("DryRun"):
        if not call.permitted:
            raise forbidden_ram()
        raise dry_run()
    found = kept(call, lambda: _chosen(call))
    page, fields = paging.either(call, found, _TOKEN_PAGE, _PAGE)
    rows = [instance_row(call.state, each) for each in page]
    for each in page:
        call.cloud.transitions.read(each.instance_id)
    return {**fields, "Instances": {"Instance": rows}}


def _chosen(call: Call) -> list[Instance]:
    found = where(
        call,
        visible(call, _candidates(call)) if call.permitted else [],
        {
            "InstanceName": lambda each, value: like(each.name, value),
            "InstanceType": lambda each, value: each.type.type_id == value,
            "InstanceTypeFamily": lambda each, value: each.type.family == value,
            "Status": lambda each, value: each.status == value,
            "VpcId": lambda each, value: each.vpc_id == value,
            "VSwitchId": lambda each, value: each.vswitch_id == value,
            "ZoneId": lambda each, value: each.zone_id == value,
            "SecurityGroupId": lambda each, value: value in each.security_groups,
            "ResourceGroupId": lambda each, value: each.resource_group_id == value,
            "InstanceNetworkType": lambda _each, value: value == "vpc",
            "InstanceChargeType": lambda _each, value: value == "PostPaid",
        },
    )
    return limited(call, _by_address(call, found), MOST_BY_TAG)


def _candidates(call: Call) -> Iterable[Instance]:
    args, instances = call.args, call.state.instances
    if args.has("InstanceIds"):
        ids = dict.fromkeys(args.json_list("InstanceIds"))
    elif args.tags():
        return [instances[each] for each in tagged(call) if each in instances]
    else:
        return instances.listed()
    carry = set(tagged(call)) if args.tags() else None
    return [instances[each] for each in ids if each in instances and (carry is None or each in carry)]


def _by_address(call: Call, found: list[Instance]) -> list[Instance]:
    args, state = call.args, call.state
    if args.has("PrivateIpAddresses"):
        wanted = set(args.json_list("PrivateIpAddresses"))
        enis = state.enis.all
        found = [each for each in found if str(enis[each.primary_eni_id].primary_address) in wanted]
    for name in ("EipAddresses", "PublicIpAddresses"):
        if args.has(name):
            eips = [state.eips.by_address(each) for each in args.json_list(name)]
            owners = {eip.instance_id for eip in eips if eip is not None and name == "EipAddresses"}
            found = [each for each in found if each.instance_id in owners]
    return found


@ECS.reads("DescribeInstanceAttribute", req("InstanceId"), *texts("RegionId"))
def describe_attribute(call: Call) -> Json:
    """DescribeInstanceAttribute: flat, without family and operating system."""
    instance = find(call, call.args.text("InstanceId"))
    row = instance_row(call.state, instance)
    for absent in _NOT_IN_ATTRIBUTE:
        del row[absent]
    del row["EipAddress"]["IsSupportUnassociate"]
    return {**row, "IoOptimized": "optimized"}


def find(call: Call, instance_id: str) -> Instance:
    """Return the instance of this id; refuse as ECS does."""
    instance = call.state.instances.get(instance_id)
    if instance is None:
        raise refusal("InvalidInstanceId.NotFound")
    return instance


@ECS.reads("DescribeInstanceStatus", REGION, Param("InstanceId", "list", most=100), *texts("ZoneId"), *PAGES)
def describe_status(call: Call) -> Json:
    """DescribeInstanceStatus."""
    wanted, instances = dict.fromkeys(call.args.many("InstanceId")), call.state.instances
    found = [instances[each] for each in wanted if each in instances] if wanted else instances.listed()
    page, fields = paging.by_number(call, found, paging.Bounds(10, 50))
    rows = [{"InstanceId": each.instance_id, "Status": each.status} for each in page]
    for each in page:
        call.cloud.transitions.read(each.instance_id)
    return {**fields, "InstanceStatuses": {"InstanceStatus": rows}}


@ECS.writes("DeleteInstance", req("InstanceId"), *texts("RegionId"), *flags("Force"))
def delete(call: Call) -> Json:
    """DeleteInstance; secondary interfaces are deleted with it or set free, as each of them says."""
    instance = find(call, call.args.text("InstanceId"))
    if instance.deletion_protection:
        raise refusal("InvalidOperation.DeletionProtection")
    if instance.status != "Stopped" and not call.args.flag("Force"):
        raise refusal("IncorrectInstanceStatus")
    let_go(call, instance)
    state = "Deleted"
    call.cloud.trail.instance_state(call.account.account_id, call.region_id, instance.instance_id, state)
    return {}


@ECS.reads("DescribeTags", REGION, *texts("ResourceType", "ResourceId"), TAGS, *PAGES)
def describe_tags(call: Call) -> Json:
    """DescribeTags, the older list of tags."""
    state, args = call.state, call.args
    ids = [args.text("ResourceId")] if args.has("ResourceId") else tagged(call)
    rows = [{**row, "ResourceTypeCount": {}} for each in ids for row in tag_rows(state, each)["Tag"]]
    page, fields = paging.by_number(call, rows, paging.Bounds(50, 100))
    return {**fields, "Tags": {"Tag": list(page)}}
