"""What RAM is asked about a request to Function Compute: names and ARNs by the vendor's page.

The page lists neither the temporary bucket nor what is newer than it: they are asked for by their API's name,
on everything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.exchange import LATEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.fc.exchange import Call

_NAMES: Final = {
    "DeleteAsyncInvokeConfig": "DeleteFunctionAsyncInvokeConfig",
    "GetAsyncInvokeConfig": "GetFunctionAsyncInvokeConfig",
    "ListAsyncInvokeConfigs": "ListFunctionAsyncInvokeConfigs",
    "PutAsyncInvokeConfig": "PutFunctionAsyncInvokeConfig",
}
# Where the name of a function or of what hangs on it stands only in the body of a request.
_NAMED_BY: Final = {
    "CreateAlias": "aliasName",
    "CreateFunction": "functionName",
    "CreateTrigger": "triggerName",
}
_HANGING: Final = {"Alias": "aliases", "Trigger": "triggers", "AsyncTask": "async-tasks"}
_PASSING: Final = frozenset({"CreateFunction", "UpdateFunction", "CreateService", "UpdateService"})
_QUALIFIED: Final = frozenset({"GetFunctionCode", "InvokeFunction"})
_OF_ALL: Final = {
    "ListAsyncInvokeConfigs": "async-invoke-configs/*",
    "ListConcurrencyConfigs": "concurrency-configs/*",
    "ListFunctions": "functions/*",
    "ListProvisionConfigs": "provision-configs/*",
}


def asks(action: str, call: Call, where: str) -> list[tuple[str, str]]:
    """Return each RAM action with the ARN that it is done to; `where` begins the ARNs, up to the account."""
    asked = [(f"fc:{_NAMES.get(action, action)}", f"{where}:{_resource(action, call)}")]
    if action in _PASSING:
        role = str(_body(call).get("role") or "")
        asked += [("ram:PassRole", role)] if role else []
    return asked


def _resource(action: str, call: Call) -> str:
    if call.service:
        return f"services/{call.service}/functions/{call.function or '*'}"
    name = call.function or str(_body(call).get("functionName") or "") or call.option("functionName")
    if not name:
        return _OF_ALL.get(action, "*")
    return f"functions/{name}{_below(action, call)}"


def _below(action: str, call: Call) -> str:
    """Return what stands behind the name of the function."""
    hanging = next((path for kind, path in _HANGING.items() if kind in action), "")
    if "AsyncInvokeConfig" in action or action in _QUALIFIED:
        return "" if call.asked == LATEST else f"/{call.asked}"
    if "FunctionVersion" in action:
        item = "" if action == "PublishFunctionVersion" else f"/{call.item or '*'}"
        return f"/versions{item}"
    if "VpcBinding" in action:
        return f"/vpc-bindings/{call.item or '*'}"
    if not hanging:
        return ""
    named = str(_body(call).get(_NAMED_BY.get(action, "")) or "")
    return f"/{hanging}/{call.item or named or '*'}"


def _body(call: Call) -> Mapping[str, Any]:
    """Return the JSON object that was sent, empty where it is none: what is wrong with it is said later."""
    try:
        found = json.loads(call.request.body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
