"""The vendor's pages that the rules quote."""

from __future__ import annotations

from typing import Final

_HELP: Final = "https://www.alibabacloud.com/help/en"

MODE: Final = (
    "Associate EIPs with secondary ENIs in multi-EIP to ENI mode, "
    f"{_HELP}/elastic-ip-address/latest/associate-eips-with-secondary-enis-in-multi-eip-to-eni-mode"
)
GUIDE: Final = f"Associate an EIP with a cloud resource, {_HELP}/eip/associate-an-eip-with-a-secondary-eni-1"
ASSOCIATE: Final = (
    f"AssociateEipAddress, {_HELP}/eip/developer-reference/api-vpc-2016-04-28-associateeipaddress-eips"
)
GATEWAY_INFO: Final = f"DescribeEipGatewayInfo, {_HELP}/vpc/api-describeeipgatewayinfo"
ATTACH: Final = f"AttachNetworkInterface, {_HELP}/ecs/developer-reference/api-attachnetworkinterface"
ENI_OVERVIEW: Final = f"ENI overview, {_HELP}/ecs/user-guide/eni-overview"
INSTANCE_TYPES: Final = (
    f"DescribeInstanceTypes, {_HELP}/ecs/developer-reference/api-ecs-2014-05-26-describeinstancetypes"
)
ASSISTANT_STATUS: Final = f"DescribeCloudAssistantStatus, {_HELP}/ecs/api-describecloudassistantstatus"
EIPS: Final = (
    f"DescribeEipAddresses, {_HELP}/eip/developer-reference/api-vpc-2016-04-28-describeeipaddresses-eips"
)
SECURITY_GROUPS: Final = (
    "DescribeSecurityGroupAttribute, "
    f"{_HELP}/ecs/developer-reference/api-ecs-2014-05-26-describesecuritygroupattribute"
)
SECONDARY_CIDR: Final = (
    "Expose an EIP on an NIC by adding a secondary CIDR block to a VPC, "
    f"{_HELP}/eip/expose-an-eip-on-an-nic-by-adding-a-secondary-cidr-block-to-a-vpc"
)
OUR_TAGS: Final = "How groups are tagged, README.md"
OUR_GUEST: Final = "What was measured in guests, docs/guest.md"
