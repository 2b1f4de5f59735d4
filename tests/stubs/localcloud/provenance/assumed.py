"""What is assumed: with the switch that turns it over, or the reason why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SWITCHED: Mapping[str, str] = {
    "refusal MissingPrivateIpAddress": "private-ip",
    "rule no two unbindings of one interface at once": "concurrent-unbind",
}

ASSUMED: Mapping[str, str] = {
    "action ResourceManager CheckServiceLinkedRoleExistence": (
        "read in the source of the deploying component's client; no page of the vendor's is kept"
    ),
    "refusal AccessDenied": "Function Compute's refusal by RAM; its clients look at the status 403",
    "refusal DeleteConflict.Policy.Role": (
        "RAM's word for a policy that a role still has; nothing of ours deletes one before its role"
    ),
    "refusal DeleteConflict.Role.Policy": (
        "RAM's word for a role that still has a policy; removal detaches before it deletes"
    ),
    "refusal DependencyViolation": "no part of the mode: only tidying up of the test networks meets it",
    "refusal DependencyViolation.NetworkInterface": (
        "no part of the mode: only tidying up of the test networks meets it"
    ),
    "refusal DependencyViolation.VSwitch": (
        "no part of the mode: only tidying up of the test networks meets it"
    ),
    "refusal EntityAlreadyExists.Policy": (
        "RAM's word for a policy that exists; a person at a terminal reads it"
    ),
    "refusal EntityAlreadyExists.Role.Policy": (
        "RAM's word for a policy that a role has already; a person at a terminal reads it"
    ),
    "refusal EntityAlreadyExists.Role": (
        "RAM's word for a role that exists; deploying tools ask before they create one"
    ),
    "refusal EntityNotExist.Policy": (
        "RAM's word for a policy that is not there; a person at a terminal reads it"
    ),
    "refusal EntityNotExist.Role.Policy": (
        "RAM's word for a policy that a role does not have; a person at a terminal reads it"
    ),
    "refusal EntityNotExist.Role": (
        "what AssumeRole says of an unknown role; the functions' roles are made before"
    ),
    "refusal InvalidAmount.NotFound": "no part of the mode: it guards a loop of the local cloud",
    "refusal InvalidCidrBlock.Overlapped": "no part of the mode: only building test networks meets it",
    "refusal InvalidContentSha256": (
        "a client that signs its headers cannot meet it unless something on the way changed the body"
    ),
    "refusal InvalidIp.Primary": "the primary address cannot go; the code is a guess that nothing depends on",
    "refusal InvalidParameter.Conflict": (
        "both forms of the security group at once; only building test networks can meet it"
    ),
    "refusal InvalidParameter.NextToken": "a token that was never given; clients give back what they got",
    "refusal InvalidParameter.PolicyGrammar": (
        "a policy that the local cloud cannot judge, refused rather than passed over"
    ),
    "refusal InvalidParameter.TrunkNetworkInstanceId": (
        "that the trunk has to be named is documented, the code is not; the product refuses members before"
    ),
    "refusal InvalidTagKey.Malformed": (
        "that such tags are refused is documented, the code is not; any refusal ends the same way"
    ),
    "refusal InvalidTagValue.Malformed": (
        "that such tags are refused is documented, the code is not; any refusal ends the same way"
    ),
    "refusal InvalidVpcId.NotFound": "no part of the mode: only building test networks meets it",
    "refusal InvalidZoneId.NotFound": "no part of the mode: only building test networks meets it",
    "refusal MissingParameter.ResourceIds": (
        "the family MissingParameter.* is documented, its members are not"
    ),
    "refusal MissingParameter.TagKeys": "the family MissingParameter.* is documented, its members are not",
    "refusal MissingX-Acs-Content-Sha256": "a header that every client of that signature sends",
    "refusal NoPermission": (
        "the product's own form of a missing permission; the product goes by the status 403, too"
    ),
    "refusal QuotaExceed.TagsPerResource": (
        "twenty tags are documented, the code is not; any refusal ends the same way"
    ),
    "state interface Creating": (
        "the creation is documented as synchronous; only the fault `stuck` shows this state"
    ),
    "state traffic Standard": "the name of the other traffic mode; nothing depends on it",
    "rule an EIP keeps its bindings when its interface is detached": (
        "the guide binds first and attaches afterwards, which would mean nothing otherwise"
    ),
    "rule EIPs come in turn from several gateways": (
        "how the real pool is dealt out is unknown; --eip-network makes it one gateway"
    ),
    "rule a managed interface and EIP are not to be changed": (
        "the code for interfaces is documented; which calls meet it is not, so all writes do"
    ),
    "duration attach": (
        "no figure is published; --latency chooses another scale, the fault `lingers` any figure"
    ),
    "duration detach": (
        "no figure is published; --latency chooses another scale, the fault `lingers` any figure"
    ),
    "duration unassociate": "taken to be as long as binding; the fault `lingers` gives any figure",
    "duration release": "no figure is published; the fault `lingers` gives any figure",
    "duration create-eni": "no figure is published, and the creation is synchronous",
    "duration delete": "terway looks after a second and then every few; the fault `lingers` gives any figure",
    "duration command": "no figure is published; the fault `slow` and the guest's own time change it",
    "duration start": "no figure is published; the fault `lingers` gives any figure",
    "duration stop": "no figure is published; the fault `lingers` gives any figure",
    "duration reboot": "no figure is published; the fault `lingers` gives any figure",
    "rate CreateNetworkInterface": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rate AttachNetworkInterface": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rate DeleteNetworkInterface": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rate DescribeNetworkInterfaces": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rate DetachNetworkInterface": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rate AssignPrivateIpAddresses": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rate DescribeInstanceTypes": (
        "the vendor publishes none; it is what terway, a client of the vendor, keeps to"
    ),
    "rule a read without a region is about that of its host": (
        "scanners leave it out and get an answer; who sends it sees no difference"
    ),
}
