"""The roles that services make for themselves, as a deployment of event triggers asks for them."""

from __future__ import annotations

from localcloud.calls.operations import RESOURCE_MANAGER, Call, Json
from localcloud.calls.params import req, texts
from localcloud.errors import ApiError
from localcloud.physics.clock import stamp


@RESOURCE_MANAGER.reads("CheckServiceLinkedRoleExistence", req("ServiceName"))
def check_existence(call: Call) -> Json:
    """CheckServiceLinkedRoleExistence."""
    return {"Exists": call.args.text("ServiceName") in call.account.service_linked}


@RESOURCE_MANAGER.writes("CreateServiceLinkedRole", req("ServiceName"), *texts("CustomSuffix", "Description"))
def create(call: Call) -> Json:
    """CreateServiceLinkedRole: once for a service; the service alone may take the role."""
    service = call.args.text("ServiceName")
    name = f"AliyunServiceRoleFor{_words(service)}"
    if service in call.account.service_linked:
        raise ApiError("EntityAlreadyExists.Role", f"The role already exists: {name}.", 409)
    call.account.service_linked[service] = name
    return {
        "Role": {
            "RoleName": name,
            "RoleId": call.cloud.ids.token(18),
            "Arn": f"acs:ram::{call.account.account_id}:role/{name.lower()}",
            "RolePrincipalName": f"{name}@role.{call.account.account_id}.onaliyunservice.com",
            "Description": call.args.text("Description"),
            "IsServiceLinkedRole": True,
            "CreateDate": stamp(call.cloud.clock.now()),
        }
    }


def _words(service: str) -> str:
    """`sendevent-fc.eventbridge.aliyuncs.com` as part of a role's name."""
    parts = service.removesuffix(".aliyuncs.com").replace("-", ".").split(".")
    return "".join(part.capitalize() for part in reversed(parts))
