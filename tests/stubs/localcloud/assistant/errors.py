"""What Cloud Assistant refuses: code, status, message."""

from __future__ import annotations

from localcloud.errors import ApiError

_TABLE = {
    "MissingParam.InstanceId": (400, "The parameter instanceId is missing or empty."),
    "InstanceIds.ExceedLimit": (403, "The number of instance IDs exceeds the upper limit."),
    "InvalidInstance.NotFound": (404, "The specified instances do not exist."),
    "InvalidInstance.NotMatch": (400, "The specified instance type does not match the command."),
    "InvalidCmdType.NotFound": (403, "The specified command type does not exist."),
    "CmdContent.ExceedLimit": (403, "The length of the command content exceeds the upper limit."),
    "Invocation.ExceedQuota": (403, "The number of invocations of the day exceeds the quota."),
    "CmdName.ExceedLimit": (403, "The length of the command name exceeds the upper limit."),
    "CmdDesc.ExceedLimit": (403, "The length of the command description exceeds the upper limit."),
    "Username.ExceedLimit": (403, "The length of the username exceeds the upper limit."),
    "Parameter.Disabled": (400, "Parameters should not be passed in when the parameter is disabled."),
    "Parameter.MissingValue": (400, "The parameter value is missing."),
    "Parameter.NotMatched": (403, "The passed-in parameters do not match parameters defined at creation."),
    "ParameterCount.ExceedLimit": (403, "The number of parameters exceeds the upper limit."),
    "ParameterKey.ExceedLimit": (403, "The length of the parameter name exceeds the upper limit."),
    "ParameterKey.Duplicate": (403, "The same parameter name is passed in twice."),
    "InvalidResourceTag.ConflictWithInstanceIds": (
        400,
        "ResourceTag and InstanceId can not be specified together.",
    ),
    "InvalidResourceTag.InstanceNotFound": (400, "No instance carries the specified resource tags."),
    "InvalidParameter.Parameters": (400, "The specified parameter Parameters is not valid."),
    "InvalidRepeatMode.NotFound": (404, "The specified repeat mode does not exist."),
    "InvalidTerminationMode.NotFound": (404, "The specified TerminationMode does not exist."),
    "MissingParam.Frequency": (400, "The frequency must be specified when you create a timed task."),
    "InvalidInvokeId.NotFound": (404, "The specified invoke ID does not exist."),
}


def refusal(code: str) -> ApiError:
    """Return the refusal with this code."""
    status, message = _TABLE[code]
    return ApiError(code, message, status)
