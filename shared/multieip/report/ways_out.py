"""What mends each rule's finding, as texts to be filled in: what is the case, CLI, console, Terraform.

The names in braces are filled in by `multieip.report.mending`; doubled braces are Terraform's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_APPLY: Final = "s bind invoke -e '{payload}'"
_RUN: Final = "Function Compute > function bind > Test, with the payload of the CLI form"
_GUEST_TF: Final = "# nothing to change: the cloud's resources are as declared, the guest is not"
_NO_TF: Final = "# nothing to change in Terraform"
_VNC: Final = "ECS > Instances > {instance} > Connect > VNC"
_UNTAG_EIP: Final = (
    "aliyun vpc UnTagResources --RegionId {region} --ResourceType EIP {ids} --TagKey.1 {prefix}group"
)
_TAG_ENI: Final = (
    "aliyun ecs TagResources --RegionId {region} --ResourceType eni --ResourceId.1 {eni} "
    "--Tag.1.Key {prefix}%s --Tag.1.Value allow"
)
_TF_TAG: Final = '# on {eni}\ntags = merge(var.tags, {{ "{prefix}%s" = "allow" }})'
_TICKET: Final = "Console > Tickets > Submit: ask about multi-EIP to ENI mode in {region}"
BY_APPLY: Final = (_APPLY, _RUN, _GUEST_TF)

WAYS_OUT: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "group-shape": (
        "the group's tags do not fit together",
        (
            "aliyun ecs UntagResources --RegionId {region} --ResourceType {last_type} --ResourceId.1 {last} "
            "--TagKey.1 {prefix}group"
        ),
        "ECS > Network Interfaces or Instances > Tags: leave {prefix}group on one ENI and one instance",
        "# remove the tag {prefix}group from {last}",
    ),
    "one-group-per-eip": (
        "an EIP is claimed by two groups",
        _UNTAG_EIP,
        "VPC > Elastic IP Addresses > Tags: leave one {prefix}group",
        "# keep one tag {prefix}group on {first}",
    ),
    "region-offers-mode": (
        "the region does not offer the mode",
        "aliyun vpc DescribeRegions   # no command mends it: move the group to a region that offers the mode",
        _TICKET,
        "# declare the group's ENI, EIPs and instance in another region",
    ),
    "mode-authorised": (
        "the account may not use the mode here",
        "# no command mends it: the mode has to be granted by the vendor",
        _TICKET,
        "# no resource of the provider grants the mode",
    ),
    "same-region": (
        "an EIP is in another region than the ENI",
        "aliyun vpc AllocateEipAddress --RegionId {region}   # then tag it, and untag {first}",
        "VPC > Elastic IP Addresses > {region} > Create EIP",
        '# in the provider of {region}\nresource "alicloud_eip_address" "in_region" {{}}',
    ),
    "eni-secondary": (
        "the tagged ENI is a primary one",
        (
            "aliyun ecs UntagResources --RegionId {region} --ResourceType eni --ResourceId.1 {eni} "
            "--TagKey.1 {prefix}group"
        ),
        "ECS > Network Interfaces > Create ENI; tag that one {prefix}group = {group}",
        "# tag an alicloud_ecs_network_interface of your own; remove {prefix}group from {eni}",
    ),
    "eni-state": (
        "the ENI is not free to be used",
        "aliyun ecs DescribeNetworkInterfaces --RegionId {region} --NetworkInterfaceId.1 {eni}",
        "ECS > Network Interfaces > {eni}: wait for Available or InUse",
        _NO_TF,
    ),
    "eni-private-ips": (
        "the ENI's private addresses forbid the mode",
        (
            "aliyun ecs UnassignPrivateIpAddresses --RegionId {region} --NetworkInterfaceId {eni} "
            "--PrivateIpAddress.1 SECONDARY-ADDRESS"
        ),
        "ECS > Network Interfaces > {eni} > Manage private addresses",
        "# on {eni}: leave out secondary_private_ip_address_count and private_ip_addresses",
    ),
    "one-mode": (
        "the ENI has EIPs of another mode",
        (
            "aliyun vpc UnassociateEipAddress --RegionId {region} --AllocationId {first} --InstanceId {eni} "
            "--InstanceType NetworkInterface"
        ),
        "VPC > Elastic IP Addresses > {first} > Unbind",
        "# remove the alicloud_eip_association of {first}",
    ),
    "at-most-ten": (
        "more than ten EIPs for one ENI",
        _UNTAG_EIP,
        "VPC > Elastic IP Addresses > Tags: give some EIPs to a second group",
        "# give some EIPs the tag of a second group with an ENI of its own",
    ),
    "eip-free": (
        "an EIP is not free to be bound",
        "aliyun vpc DescribeEipAddresses --RegionId {region} --AllocationId {first}   # see its locks",
        "VPC > Elastic IP Addresses > {first} > Unbind; where it is locked, Expenses and Costs",
        "# remove the alicloud_eip_association of {first}",
    ),
    "eni-detached-while-binding": (
        "a change waits for consent to detach",
        _TAG_ENI % "detach",
        "ECS > Network Interfaces > {eni} > Tags: {prefix}detach = allow",
        _TF_TAG % "detach",
    ),
    "foreign-eips-consent": (
        "EIPs outside the group stay on the ENI",
        _TAG_ENI % "prune",
        "ECS > Network Interfaces > {eni} > Tags: {prefix}prune = allow",
        _TF_TAG % "prune",
    ),
    "vpc-routing": (
        "a gateway or a route of the VPC forbids it",
        "aliyun vpc DescribeRouteTableList --RegionId {region} --VpcId {vpc}",
        "VPC > Route Tables: remove the route to {eni}; VPC > IPv4 Gateways",
        "# remove the alicloud_route_entry to {eni} or the alicloud_vpc_ipv4_gateway",
    ),
    "same-vpc-zone": (
        "ENI and instance are in two VPCs or zones",
        (
            "aliyun ecs CreateNetworkInterface --RegionId {region} --VSwitchId VSWITCH-OF-THE-ZONE "
            "--SecurityGroupId SECURITY-GROUP --Tag.1.Key {prefix}group --Tag.1.Value {group}"
        ),
        "ECS > Network Interfaces > Create ENI, in the zone of {instance}",
        "# set vswitch_id of {eni} to a vSwitch in the zone of {instance}",
    ),
    "instance-family": (
        "the instance family is not listed",
        "aliyun ecs ModifyInstanceSpec --InstanceId {instance} --InstanceType ecs.g5.large   # stopped",
        "ECS > Instances > {instance} > Change instance type",
        '# on {instance}\ninstance_type = "ecs.g5.large"',
    ),
    "instance-state": (
        "the instance is not ready to take an ENI",
        "aliyun ecs DescribeInstances --RegionId {region} --InstanceIds '[\"{instance}\"]'   # see Status",
        "ECS > Instances > {instance}",
        _NO_TF,
    ),
    "eni-room": (
        "the instance has no room for the ENI",
        "aliyun ecs DescribeInstanceTypes --InstanceTypes.1 {type}   # EniQuantity",
        "ECS > Instances > {instance} > ENIs: detach one, or change the type",
        "# a larger instance_type for {instance}",
    ),
    "assistant-online": (
        "Cloud Assistant is silent",
        "aliyun ecs DescribeCloudAssistantStatus --RegionId {region} --InstanceId.1 {instance}",
        "ECS > Cloud Assistant > Instances > {instance}: install or restart the agent",
        _GUEST_TF,
    ),
    "windows-one-gateway": (
        "EIPs of two gateways on a Windows guest",
        _UNTAG_EIP,
        "VPC > Elastic IP Addresses > Tags: one group for the EIPs of each gateway",
        "# one group, with an ENI of its own, for the EIPs of each gateway",
    ),
    "windows-private-address": (
        "its private address answers its subnet only",
        "# nothing to change: use the private address of the primary interface of {instance}",
        "ECS > Instances > {instance} > Primary private IP: use this address",
        _NO_TF,
    ),
    "source-dest-check": (
        "the ENI's source/destination check is on",
        (
            "aliyun ecs ModifyNetworkInterfaceAttribute --RegionId {region} --NetworkInterfaceId {eni} "
            "--SourceDestCheck false"
        ),
        "ECS > Network Interfaces > {eni}: switch the source/destination check off",
        "# switch the source/destination check of {eni} off",
    ),
    "known-exemptions": (
        "an exemption has no effect",
        (
            "aliyun ecs UntagResources --RegionId {region} --ResourceType eni --ResourceId.1 {eni} "
            "--TagKey.1 {prefix}ignore   # or write rules that may be waived"
        ),
        "ECS > Network Interfaces > {eni} > Tags: leave rules that may be waived in {prefix}ignore",
        "# on {eni}: leave rules that may be waived in the tag {prefix}ignore",
    ),
    "unreadable": (
        "an entry of a list cannot be read",
        (
            "aliyun ecs DescribeNetworkInterfaces --RegionId {region} --NetworkInterfaceId.1 {eni}"
            "   # look at what the message names"
        ),
        "VPC or ECS > what the message names",
        _NO_TF,
    ),
    "eips-bound": (
        "not bound to the ENI",
        _APPLY,
        "VPC > Elastic IP Addresses > {first} > Bind > Secondary ENI > Multi-EIP to ENI Mode",
        "# leave it to the group: an alicloud_eip_association of its own would fight it",
    ),
    "eni-attached": (
        "the ENI is not attached",
        _APPLY,
        "ECS > Network Interfaces > {eni} > Bind to Instance > {instance}",
        (
            '# or leave it to the group\nresource "alicloud_ecs_network_interface_attachment" "of_group" {{\n'
            '  network_interface_id = "{eni}"\n  instance_id          = "{instance}"\n}}'
        ),
    ),
    "attached-instance-exists": (
        "the ENI names an instance that is gone",
        (
            "aliyun ecs DetachNetworkInterface --RegionId {region} --NetworkInterfaceId {eni} "
            "--InstanceId {last}"
        ),
        "ECS > Network Interfaces > {eni} > Unbind from Instance",
        "# remove the alicloud_ecs_network_interface_attachment of {eni}",
    ),
    "eips-on-interface": ("not on the interface", *BY_APPLY),
    "replies-by-own-gateway": ("replies leave by another gateway", *BY_APPLY),
    "dhcp-on": (
        "the interface does not use DHCP",
        _APPLY,
        "In the guest: let the network manager configure the interface by DHCP",
        _GUEST_TF,
    ),
    "service-network-on-primary": (
        "100.64.0.0/10 leaves by {service_dev}",
        "{service_line}   # in the guest, by VNC",
        _VNC,
        _GUEST_TF,
    ),
    "default-route-untouched": (
        "the default route is by the ENI",
        "ip route change default via {main_via} dev {main_dev} metric 2000   # in the guest",
        _VNC,
        _GUEST_TF,
    ),
    "survives-reboot": ("configured until the next reboot only", *BY_APPLY),
    "no-stale-address": (
        "an address in the guest is bound nowhere",
        _APPLY + "\nip address del {stale} dev {dev}   # in the guest, where a person put it there",
        "ECS > Instances > {instance} > Connect",
        _GUEST_TF,
    ),
    "no-foreign-eip": (
        "an EIP on the ENI is in no group",
        "aliyun vpc TagResources --RegionId {region} --ResourceType EIP {ids} --Tag.1.Key {prefix}group "
        "--Tag.1.Value {group}   # keep it\n" + _TAG_ENI % "prune" + "   # or have it unbound",
        "VPC > Elastic IP Addresses > {first} > Tags: {prefix}group = {group}",
        '# on {first}\ntags = merge(var.tags, {{ "{prefix}group" = "{group}" }})',
    ),
    "no-idle-eip": (
        "an EIP of the group is idle",
        _UNTAG_EIP + "   # then release it, or add what the group waits for",
        "VPC > Elastic IP Addresses > {first} > Release",
        "# remove the alicloud_eip_address of {first}, or raise the group to its size",
    ),
    "security-group-open": (
        "the security group lets nothing in",
        (
            "aliyun ecs AuthorizeSecurityGroup --RegionId {region} --SecurityGroupId {first_sg} "
            "--Permissions.1.IpProtocol TCP --Permissions.1.PortRange 443/443 "
            "--Permissions.1.SourceCidrIp 0.0.0.0/0   # the ports that your service has"
        ),
        "ECS > Security Groups > {first_sg} > Inbound > Add Rule",
        (
            'resource "alicloud_security_group_rule" "of_group" {{\n  security_group_id = "{first_sg}"\n'
            '  type              = "ingress"\n  ip_protocol       = "tcp"\n'
            '  port_range        = "443/443"\n  cidr_ip           = "0.0.0.0/0"\n}}'
        ),
    ),
    "mode-closed": (
        "the mode is closed to new applicants",
        (
            "aliyun vpc AssociateVpcCidrBlock --RegionId {region} --VpcId {vpc} "
            "--SecondaryCidrBlock BLOCK-OF-THE-EIP   # the successor; then a vSwitch and one ENI for each EIP"
        ),
        "VPC > VPCs > {vpc} > CIDR Block Management > Add Secondary IPv4 CIDR Block",
        (
            'resource "alicloud_vpc_ipv4_cidr_block" "successor" {{\n  vpc_id               = "{vpc}"\n'
            '  secondary_cidr_block = "BLOCK-OF-THE-EIP"\n}}'
        ),
    ),
}

UNDECIDED: Final = (
    "could not be decided",
    "s sweep invoke -e '{look}'   # when what the message names can be read",
    "RAM > Roles > role of the function > Grant permission, where one is missing",
    "# attach what is missing to the function's role by alicloud_ram_role_policy_attachment",
)
