"""GetCallerIdentity and AssumeRole; the location service's DescribeEndpoints beside them."""

from __future__ import annotations

from localcloud.accounts.policies import PolicyError
from localcloud.calls.operations import LOCATION, STS, Call, Json
from localcloud.calls.params import integers, req, texts
from localcloud.errors import ApiError, invalid_parameter
from localcloud.physics.clock import stamp

_KINDS = {"root-account": "Account", "ram-user": "RAMUser", "assumed-role": "AssumedRoleUser"}
_LEAST_S, _MOST_S = 900, 43200


@STS.reads("GetCallerIdentity", denied="free")
def get_caller_identity(call: Call) -> Json:
    """GetCallerIdentity: needs no permission."""
    identity = call.identity
    body: Json = {
        "AccountId": identity.account.account_id,
        "Arn": identity.arn,
        "IdentityType": _KINDS[identity.kind],
        "PrincipalId": identity.principal_id,
    }
    if identity.kind == "ram-user":
        body["UserId"] = identity.principal_id
    elif identity.kind == "assumed-role":
        body["PrincipalId"] = f"{identity.principal_id}:{identity.session}"
        body["RoleId"] = identity.principal_id
    else:
        body["UserId"] = identity.account.account_id
    return body


@STS.reads(
    "AssumeRole", req("RoleArn"), req("RoleSessionName"), *texts("Policy"), *integers("DurationSeconds")
)
def assume_role(call: Call) -> Json:
    """AssumeRole."""
    args = call.args
    seconds = args.integer("DurationSeconds", 3600)
    if not _LEAST_S <= seconds <= _MOST_S:
        raise invalid_parameter("DurationSeconds", f"it is between {_LEAST_S} and {_MOST_S}")
    arn, session = args.text("RoleArn"), args.text("RoleSessionName")
    try:
        key = call.cloud.accounts.assume(
            arn,
            session,
            call.cloud.clock.now(),
            seconds,
            policy=args.text("Policy"),
            principal=f"acs:ram::{call.account.account_id}:root",
        )
    except PolicyError as wrong:
        raise ApiError("InvalidParameter.PolicyGrammar", str(wrong)) from wrong
    role = key.identity
    return {
        "Credentials": {
            "AccessKeyId": key.key_id,
            "AccessKeySecret": key.secret,
            "SecurityToken": key.token,
            "Expiration": stamp(key.expires) if key.expires else "",
        },
        "AssumedRoleUser": {"Arn": role.arn, "AssumedRoleId": f"{role.principal_id}:{role.session}"},
    }


@LOCATION.reads("DescribeEndpoints", req("Id"), req("ServiceCode"), *texts("Type"), denied="free")
def describe_endpoints(call: Call) -> Json:
    """DescribeEndpoints: where a client that asks finds a product.

    Whoever asked by a local address stays there: the names of the real cloud would lead a client out.
    """
    region, service = call.args.text("Id"), call.args.text("ServiceCode")
    named = f"{service.lower()}.{region}.aliyuncs.com"
    outside = ".aliyuncs.com" in call.host or not call.host
    endpoint = {
        "Endpoint": named if outside else call.host,
        "Id": region,
        "Namespace": "",
        "SerivceCode": service,
        "ServiceCode": service,
        "Type": call.args.text("Type", "openAPI"),
        "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
    }
    return {"Success": True, "Endpoints": {"Endpoint": [endpoint]}}
