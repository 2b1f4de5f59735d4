"""The cloud's error codes, sorted per action: what each means for the next try.

The tables hold what the vendor's API pages and its Terraform provider say about each code.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fate(Enum):
    """What the caller does after a refusal."""

    DONE = "done"
    """The wanted state is there already; go on."""

    WAIT = "wait"
    """It passes with time; send the same call again later, as a new attempt with a new ClientToken."""

    NEVER = "never"
    """It will be refused every time; stop and tell."""

    FACTS = "never by the facts"
    """A rule predicts it: look once more, for the facts may have moved; the same refusal is then final."""

    READ = "read"
    """It can mean either; read the state, then decide."""


ANY: Final = "any action"

_DONE, _WAIT, _NEVER, _READ, _FACTS = Fate.DONE, Fate.WAIT, Fate.NEVER, Fate.READ, Fate.FACTS

_BINDING: Final[Mapping[str, Fate]] = {
    # Transient while the EIP goes from one state to the next, permanent when it is bound elsewhere.
    "IncorrectEipStatus": _READ,
    "IncorrectStatus*": _WAIT,
    "IncorrectInstanceStatus": _WAIT,
    "InvalidBindingStatus": _WAIT,
    "InvalidStatus.EcsStatusNotSupport": _WAIT,
    "InvalidStatus.EniStatusNotSupport": _WAIT,
    "InvalidStatus.InstanceHasBandWidth": _WAIT,
    "InvalidStatus.NotAllow": _WAIT,
    "OperationFailed.EcsMigrating": _WAIT,
    "Eni.Attached": _FACTS,
    "Forbidden": _NEVER,
    "Forbbiden": _NEVER,
    "Forbidden.RegionNotFound": _NEVER,
}

_ASSOCIATE: Final[Mapping[str, Fate]] = {
    **_BINDING,
    # Ours from an earlier attempt, or somebody else's: DescribeEipAddresses tells.
    "InvalidAssociation.Duplicated": _READ,
    # "Unfinished Eip configuration modification" and look-ups that failed inside the service.
    "InvalidAction.Denied": _WAIT,
    "OperationFailed.QueryCommodityInfo": _WAIT,
    "ResourceQueryError": _WAIT,
    "Mode.NotSupport": _NEVER,
    "Invalid.Function.NotSupported": _NEVER,
    "OperationUnsupported.MultiIp": _NEVER,
    "OperationDenied.Unauthorized": _NEVER,
    "OperationUnsupported.EipBindModel": _NEVER,
    "UnsupportedRegion": _NEVER,
    "QuotaExceed.MultiBindedEip": _FACTS,
    "Mode.Conflict": _FACTS,
    "OperationFailed.EipBindModeConflict": _FACTS,
    "Invalid.DirectEip.BindType": _NEVER,
    "OperationDenied.Ipv4GatewayExist": _NEVER,
    "Eni.HasSubIp": _NEVER,
    "OperationFailed.EniSubIp": _NEVER,
    "OperationDenied.NoAvailablePrivateIp": _NEVER,
    "InvalidEip.EipQuotaExceeded": _FACTS,
    "InvalidParameter": _NEVER,
    "InvalidParameter.Mismatch": _NEVER,
    "InvalidParameter.EniInstanceId": _NEVER,
    "IllegalParam.Mode": _NEVER,
    "InvalidInstanceType.ValueNotSupported": _NEVER,
    "InvalidNexthop.DirectEni": _NEVER,
    "OperationFailed.IpPrefixConflict": _NEVER,
    "BIND_INSTANCE_HAVE_PORTMAP_OR_BIND_EIP": _FACTS,
    "InvalidEIPStatus.BizDisabled": _NEVER,
    "Forbidden.FinancialLocked": _NEVER,
    "InvalidNicOrVm.NotFound": _FACTS,
    "InvalidInstance.NotExist": _FACTS,
    "InvalidAllocationId.NotFound": _FACTS,
    "InvalidInstanId.NotFound": _FACTS,
    "InvalidRegionId.NotFound": _NEVER,
    "OperationDenied": _NEVER,
    "OperationFailed.InstanceNotExist": _FACTS,
    "InvalidParams.NotFound": _FACTS,
    "BindInstance.NotSupported": _NEVER,
    "Forbidden.InstanceBandwidthNotZero": _NEVER,
    "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP": _NEVER,
    "BIND_INSTANCE_OWENER_ERROR": _NEVER,
    "OperationDenied.CloudBoxResourceExist": _NEVER,
    "OperationDenied.CloudBoxVSwitchExist": _NEVER,
    "ResourceAlreadyAssociated.IpAddress": _NEVER,
    "UnsupportedFeature.EipBindPrefixIp": _NEVER,
    "OperationDenied.UnsupportedEipBindMode": _NEVER,
    "InvalidBandwidthPackageId.NotFound": _NEVER,
    "OperationFailed.Ipv4GatewayNotOpenedInVpc": _NEVER,
}

_UNASSOCIATE: Final[Mapping[str, Fate]] = {
    **_BINDING,
    "InvalidAllocationId.NotFound": _DONE,
    "IncorrectHaVipStatus": _WAIT,
    "InvalidStatus.SnatOrDnat": _WAIT,
    "InvalidIpStatus.HasBeenUsedBySnatTable": _WAIT,
    "InvalidIpStatus.HasBeenUsedByForwardEntry": _WAIT,
    "InvalidInstanceId.NotFound": _FACTS,
    "InvalidBindInstance.NotFound": _FACTS,
}

_ALLOCATION: Final[Mapping[str, Fate]] = {
    "IncorrectStatus*": _WAIT,
    "IncorrectEipStatus": _READ,
    "TaskConflict.AssociateGlobalAccelerationInstance": _WAIT,
    # Many cycles of allocating and releasing lock buying for about a week; each try makes it worse.
    "FrequentPurchase.EIP": _NEVER,
    "QuotaExceeded.Eip": _NEVER,
    "InsufficientBalance": _NEVER,
    "InvalidRegion.NotSupport": _NEVER,
    "Forbidden.ChargeTypeIsPrepaid": _NEVER,
    "InvalidOperation.DeletionProtection": _NEVER,
}

_ENI: Final[Mapping[str, Fate]] = {
    "InvalidOperation.InvalidEniState": _WAIT,
    "InvalidOperation.InvalidEcsState": _WAIT,
    "InvalidOperation.InvalidEniType": _WAIT,
    "HasMemberEniAttached": _WAIT,
    "InvalidOperation.DetachPrimaryEniNotAllowed": _NEVER,
    "InvalidOperation.EniServiceManaged": _NEVER,
    "InvalidOperation.HotPlugNotSupport": _NEVER,
    "InvalidOperation.EniHotPlugNotSupported": _NEVER,
}

_ATTACH: Final[Mapping[str, Fate]] = {
    **_ENI,
    "EniPerInstanceLimitExceeded": _FACTS,
    "MaxEniCountExceeded": _FACTS,
    "InvalidOperation.AvailabilityZoneMismatch": _NEVER,
    "InvalidOperation.VpcMismatch": _NEVER,
    "InvalidOperation.InvalidGeneration": _NEVER,
    "InvalidOperation.InvalidRegion": _NEVER,
    "InvalidOperation.Ipv4CountExceeded": _NEVER,
    "InvalidOperation.Ipv6NotSupport": _NEVER,
    "SecurityGroupInstanceLimitExceed": _NEVER,
    "InvalidUserType.NotSupported": _NEVER,
    "InvalidEniId.NotFound": _FACTS,
    "InvalidEcsId.NotFound": _FACTS,
    "InvalidInstanceId.NotFound": _FACTS,
    "InvalidInstanceID.Malformed": _NEVER,
    "InvalidParams.EniId": _NEVER,
    "InvalidVSwitchId.NotFound": _NEVER,
    "InvalidSecurityGroupId.NotFound": _NEVER,
    "UnsupportedParameter": _NEVER,
    "Forbidden.RegionId": _NEVER,
}

_DETACH: Final[Mapping[str, Fate]] = {
    **_ENI,
    "InvalidEniId.NotFound": _DONE,
    "InvalidEcsId.NotFound": _DONE,
    # Detached already, or attached to another instance than the one named.
    "InvalidParameter.EniNotBelongEcs": _READ,
    "InvalidOperation.EniLinked": _NEVER,
}

_RUN_COMMAND: Final[Mapping[str, Fate]] = {
    "InternalError.Dispatch": _WAIT,
    "InvalidInstance.NotMatch": _NEVER,
    "InvalidInstance.NotFound": _FACTS,
    "InstanceIds.ExceedLimit": _NEVER,
    "Invocation.ExceedQuota": _NEVER,
    "CmdContent.ExceedLimit": _NEVER,
    "Operation.Forbidden": _NEVER,
    "RegionId.ApiNotSupported": _NEVER,
}

FATES: Final[Mapping[str, Mapping[str, Fate]]] = {
    "AssociateEipAddress": _ASSOCIATE,
    "AssociateEipAddressBatch": _ASSOCIATE,
    "UnassociateEipAddress": _UNASSOCIATE,
    "AllocateEipAddress": _ALLOCATION,
    "ReleaseEipAddress": {**_ALLOCATION, "InvalidAllocationId.NotFound": _DONE},
    "AttachNetworkInterface": _ATTACH,
    "DetachNetworkInterface": _DETACH,
    "DeleteNetworkInterface": {
        **_ENI,
        "InvalidOperation.Conflict": _WAIT,
        "InvalidEniId.NotFound": _DONE,
    },
    "CreateNetworkInterface": {
        "IncorrectVSwitchStatus": _WAIT,
        # Only this token is spent; the next attempt brings a new one.
        "IdempotentFailed": _WAIT,
        "MaxEniCountExceeded": _FACTS,
        "InvalidVSwitchId.IpNotEnough": _NEVER,
    },
    "RunCommand": _RUN_COMMAND,
    "InvokeFunction": {"StatefulAsyncInvocationAlreadyExists": _DONE},
    ANY: {
        # Pages that deep are not given at all: ask by tag, or for what is bound to one resource.
        "Throttling.DeepPageSkip": _NEVER,
        "*Throttling*": _WAIT,
        "TaskConflict": _WAIT,
        "OperationConflict": _WAIT,
        "Operation.Conflict": _WAIT,
        "ServiceUnavailable": _WAIT,
        "InternalError": _WAIT,
        "UnknownError": _WAIT,
        "SystemBusy": _WAIT,
        "OperationFailed.SystemBusy": _WAIT,
        "LastTokenProcessing": _WAIT,
        "OperationFailed.LastTokenProcessing": _WAIT,
        "IdempotentProcessing": _WAIT,
        "IdempotentFailed": _NEVER,
        "IdempotentParameterMismatch": _NEVER,
        # A copy of this very request arrived before: what it did must be read.
        "SignatureNonceUsed": _READ,
        # The SDK's own word for a page that is no answer of the API; a gateway on the way has any status.
        "SDK.UnknownServerError": _READ,
        # The answer to DryRun=true where the call would have been allowed.
        "DryRunOperation": _DONE,
        "SignatureDoesNotMatch": _NEVER,
        "IncompleteSignature": _NEVER,
        "InvalidTimeStamp.*": _NEVER,
        "IllegalTimestamp": _NEVER,
        "InvalidAccessKeyId.*": _NEVER,
        "InvalidAccessKeySecret": _NEVER,
        "MissingSecurityToken": _NEVER,
        "InvalidSecurityToken.*": _NEVER,
        "MissingParameter": _NEVER,
        "InvalidAction.NotFound": _NEVER,
        "InvalidApi.NotFound": _NEVER,
        "InvalidVersion": _NEVER,
        "InvalidSignatureMethod": _NEVER,
        "InvalidParameter.Format": _NEVER,
        "UnsupportedHTTPMethod": _NEVER,
        "InvalidProtocol.NeedSsl": _NEVER,
        "InvalidProduct.NotFound": _NEVER,
        "Forbidden.RAM": _NEVER,
        "Forbidden.SubUser": _NEVER,
        "Forbidden.NotSupportRAM": _NEVER,
        "NoPermission*": _NEVER,
        "AccessDenied": _NEVER,
    },
}
"""Action → code → fate. A `*` in a code stands for anything."""
