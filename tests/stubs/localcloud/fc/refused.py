"""What Function Compute has and the local cloud does not: refused by name, so that nobody waits for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from localcloud.fc.errors import FcError
from localcloud.fc.exchange import V2, V3, Call, Route
from localcloud.fc.model import OtherTrigger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localcloud.fc.model import Trigger

NOT_HERE: Final = "PathNotSupported"
_FUNCTION: Final = "functions/[^/]+"
_OLD: Final = "services/[^/]+/functions/[^/]+"

# The same in both generations.
_DOMAINS: Final[Mapping[str, Mapping[str, str]]] = {
    "custom-domains": {"GET": "ListCustomDomains", "POST": "CreateCustomDomain"},
    "custom-domains/[^/]+": {
        "GET": "GetCustomDomain",
        "PUT": "UpdateCustomDomain",
        "DELETE": "DeleteCustomDomain",
    },
}

# Path to the actions below it, by method. A test holds that each call of the vendor's client for 3.0 is
# served or stands here.
_V3: Final[Mapping[str, Mapping[str, str]]] = {
    "layers": {"GET": "ListLayers"},
    "layers/[^/]+/versions": {"GET": "ListLayerVersions", "POST": "CreateLayerVersion"},
    "layers/[^/]+/versions/[^/]+": {"GET": "GetLayerVersion", "DELETE": "DeleteLayerVersion"},
    "layers/[^/]+/acl": {"PUT": "PutLayerACL"},
    "layerarn/.+": {"GET": "GetLayerVersionByArn"},
    f"{_FUNCTION}/provision-config": {"PUT": "PutProvisionConfig", "DELETE": "DeleteProvisionConfig"},
    f"{_FUNCTION}/scaling-config": {"PUT": "PutScalingConfig", "DELETE": "DeleteScalingConfig"},
    f"{_FUNCTION}/vpc-bindings": {"POST": "CreateVpcBinding"},
    f"{_FUNCTION}/vpc-bindings/[^/]+": {"DELETE": "DeleteVpcBinding"},
    f"{_FUNCTION}/instances": {"GET": "ListInstances"},
    f"{_FUNCTION}/invoke/disable": {"POST": "DisableFunctionInvocation"},
    f"{_FUNCTION}/invoke/enable": {"POST": "EnableFunctionInvocation"},
    f"{_FUNCTION}/sessions": {"GET": "ListSessions", "POST": "CreateSession"},
    f"{_FUNCTION}/sessions/[^/]+": {"GET": "GetSession", "PUT": "UpdateSession", "DELETE": "DeleteSession"},
    f"{_FUNCTION}/sessions/[^/]+/pause": {"PUT": "PauseSession"},
    f"{_FUNCTION}/sessions/[^/]+/resume": {"PUT": "ResumeSession"},
    f"{_FUNCTION}/snapshots": {"POST": "CreateSnapshot"},
    f"{_FUNCTION}/snapshots/[^/]+": {"GET": "GetSnapshot", "DELETE": "DeleteSnapshot"},
    "snapshots": {"GET": "ListSnapshots"},
    **_DOMAINS,
    "concurrency-configs": {"GET": "ListConcurrencyConfigs"},
    "regions": {"GET": "DescribeRegions"},
    "resource-groups": {"PUT": "ChangeResourceGroup"},
    "tags-v2": {"GET": "ListTagResources", "POST": "TagResources", "DELETE": "UntagResources"},
}
_V2: Final[Mapping[str, Mapping[str, str]]] = {
    f"{_OLD}/provision-config": {"GET": "GetProvisionConfig", "PUT": "PutProvisionConfig"},
    f"{_OLD}/on-demand-config": {
        "GET": "GetOnDemandConfig",
        "PUT": "PutOnDemandConfig",
        "DELETE": "DeleteOnDemandConfig",
    },
    f"{_OLD}/instances": {"GET": "ListInstances"},
    "provision-configs": {"GET": "ListProvisionConfigs"},
    "on-demand-configs": {"GET": "ListOnDemandConfigs"},
    **_DOMAINS,
    "tag": {"GET": "GetResourceTags", "POST": "TagResource", "DELETE": "UntagResource"},
    "reservedCapacities": {"GET": "ListReservedCapacities"},
    "account-settings": {"GET": "GetAccountSettings"},
    # An HTTP trigger, called; no such trigger can be made here.
    "proxy/[^/]+/[^/]+(?:/.*)?": dict.fromkeys(("GET", "POST", "PUT", "DELETE"), "InvokeFunction"),
}


def refused_routes() -> list[Route]:
    """Return a route for each action that there is at Function Compute and not here."""
    return [
        Route(method, re.compile(f"{version}/{path}"), action, _refuser(action))
        for version, paths in ((V3, _V3), (V2, _V2))
        for path, actions in paths.items()
        for method, action in actions.items()
    ]


def check_fields(fields: Mapping[str, Any]) -> None:
    """Refuse a function that would lack at run time what it was given."""
    if fields.get("layers"):
        raise FcError(400, NOT_HERE, "layers are not supported here: bring the packages in the code's zip")


def check_trigger(trigger: Trigger) -> None:
    """Refuse a trigger that would never fire."""
    if isinstance(trigger, OtherTrigger):
        raise FcError(
            400, NOT_HERE, f"triggers of type '{trigger.kind}' are not supported here: nothing calls them"
        )


def _refuser(action: str) -> Callable[[Call], NoReturn]:
    def reply(call: Call) -> NoReturn:
        asked = f"'{call.request.method}' against '{call.request.path}'"
        raise FcError(400, NOT_HERE, f"{action} is not supported here ({asked})")

    return reply
