"""What ECS refuses for instances and interfaces: code, status, message."""

from __future__ import annotations

from localcloud.errors import ApiError

_TABLE = {
    "InvalidEniId.NotFound": (404, "The specified EniId is not found."),
    "InvalidEcsId.NotFound": (404, "The specified EcsId is not found."),
    "InvalidInstanceId.NotFound": (404, "The specified InstanceId does not exist."),
    "InvalidVSwitchId.NotFound": (404, "The specified VSwitchId is not found."),
    "InvalidSecurityGroupId.NotFound": (404, "The specified SecurityGroupId does not exist."),
    "InvalidOperation.InvalidEniType": (403, "The operation is not allowed in the current ENI type."),
    "InvalidOperation.InvalidEcsState": (400, "The operation is not allowed in the current ECS state."),
    "InvalidOperation.HotPlugNotSupport": (403, "The instance type does not support hot-plugging of an ENI."),
    "InvalidOperation.EniHotPlugNotSupported": (
        400,
        "The instance type does not support hot-unplugging of an ENI.",
    ),
    "InvalidOperation.AvailabilityZoneMismatch": (403, "The ENI and the ECS are not in the same zone."),
    "InvalidOperation.VpcMismatch": (403, "The specified resources are not in the same VPC."),
    "InvalidOperation.DetachPrimaryEniNotAllowed": (400, "The primary ENI can not be detached."),
    "InvalidOperation.EniServiceManaged": (403, "The operation is not allowed on a service managed ENI."),
    "HasMemberEniAttached": (400, "The trunk ENI has member ENIs attached."),
    "InvalidParameter.TrunkNetworkInstanceId": (
        400,
        "The specified trunk ENI is not that of the member ENI.",
    ),
    "InvalidOperation.Conflict": (403, "The ENI is in use by another resource."),
    "InvalidParameter.EniNotBelongEcs": (400, "The specified ENI does not belong to the specified ECS."),
    "EniPerInstanceLimitExceeded": (
        403,
        "The number of ENI exceeds the limit for the type of instance you are trying to launch.",
    ),
    "MaxEniCountExceeded": (403, "The maximum number of ENI in your account is exceeded."),
    "QuotaExceeded.PrivateIpAddress": (403, "The number of private IP addresses exceeds the limit."),
    "OperationUnsupported.EipBindModel": (
        400,
        "The instance type of ecs does not support MULTI_BINDED model Eip.",
    ),
    "InvalidIp.IpAssigned": (403, "The specified IP address is already assigned."),
    "Operation.Conflict": (403, "The operation conflicts with another operation in progress."),
    "IncorrectInstanceStatus": (403, "The current status of the resource does not support this operation."),
    "InvalidInstanceType.ValueNotSupported": (
        400,
        "The specified InstanceType does not exist or is not sold.",
    ),
    "InvalidOperation.DeletionProtection": (403, "The instance is protected against deletion."),
}


def refusal(code: str) -> ApiError:
    """Return the refusal with this code."""
    status, message = _TABLE[code]
    return ApiError(code, message, status)


def wrong_eni_state(current: str, expected: str) -> ApiError:
    """Say that the interface is in another state than the operation needs."""
    return ApiError(
        "InvalidOperation.InvalidEniState",
        "The operation is not allowed in the current ENI state. "
        f"Expecting status is {expected} while current status is {current}.",
    )
