"""What VPC refuses, in its own words (the misspellings are the vendor's)."""

from __future__ import annotations

from localcloud.errors import ApiError

_MESSAGES = {
    "Mode.NotSupport": "The user cannot use multi direct eip.",
    "OperationDenied.Unauthorized": "The operation is not allowed because the user is not in the whitelist.",
    "Invalid.Function.NotSupported": "Multi-IP function is under test, the region or uid is not supported.",
    "OperationUnsupported.MultiIp": "Multi ip function is not support.",
    "OperationUnsupported.EipBindModel": "The instance type of ecs does not support MULTI_BINDED model Eip.",
    "QuotaExceed.MultiBindedEip": "The number of multi binded eip is over limit.",
    "Mode.Conflict": "The eni can bind only one mode of eip.",
    "OperationFailed.EipBindModeConflict": (
        "Eips can not bind Eni with NAT mode and MULTI_BINDED mode at the same time."
    ),
    "Eni.Attached": "The eni should be detached from ecs when associating with direct eip.",
    "Invalid.DirectEip.BindType": "The direct eip can be only associated with eni.",
    "OperationDenied.Ipv4GatewayExist": "The vpc of the specified eni has an ipv4 gateway.",
    "Eni.HasSubIp": "Eni has sub ip can not bind direct eip.",
    "InvalidEip.EipQuotaExceeded": "The specified eni assigned eip is more than privateIp.",
    "TaskConflict": "The eip operate too frequent, TaskConflict.",
    "IncorrectEipStatus": "Current elastic IP status does not support this operation.",
    "InvalidStatus.EniStatusNotSupport": "The status of the eni does not support this operation.",
    "InvalidStatus.EcsStatusNotSupport": "The status of the ecs does not support this operation.",
    "InvalidAssociation.Duplicated": "Specified instance already is associated.",
    "Forbidden": "The eip instance owner error.",
    "IllegalParam.Mode": "The parameter Mode is illegal.",
    "InvalidInstanceType.ValueNotSupported": "The specified value of InstanceType is not supported.",
    "InvalidInstance.NotExist": "The specified instance does not exist.",
    "InvalidParameter.EniInstanceId": "The specified eni is a primary network interface.",
    "InvalidParameter.Mismatch": "The private ip address does not belong to the specified instance.",
    "MissingPrivateIpAddress": "PrivateIpAddress is mandatory for this action.",
    "Forbidden.FinancialLocked": "The specified resource is locked for financial reasons.",
    "Forbidden.ChargeTypeIsPrepaid": "The prepaid eip can not be released.",
    "InvalidOperation.DeletionProtection": "The operation is not allowed because of deletion protection.",
    "QuotaExceeded.Eip": "Elastic IP address quota exceeded.",
    "Instance.NotExist": "The specified instance does not exist.",
    "InvalidNetworkInterface.NotFound": "The specified network interface is not found.",
}

_NOT_FOUND = {
    "InvalidAllocationId.NotFound": "Specified allocation ID is not found.",
    "InvalidBindInstance.NotFound": "The specified bind instance is not found.",
    "InvalidVpcId.NotFound": "Specified VPC does not exist.",
    "InvalidVSwitchId.NotFound": "Specified virtual switch does not exist.",
    "InvalidResourceId.NotFound": "The specified ResourceId is not found.",
}


def refusal(code: str) -> ApiError:
    """Return the refusal with this code, its message and status."""
    if code in _NOT_FOUND:
        return ApiError(code, _NOT_FOUND[code], 404)
    return ApiError(code, _MESSAGES[code])
