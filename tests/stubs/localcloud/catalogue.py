"""All services together: importing them is what registers their actions."""

from __future__ import annotations

from localcloud import assistant, ecs, ram, resourcemanager, sts, vpc
from localcloud.calls.operations import PRODUCTS

__all__ = ["FUNCTION_COMPUTE", "PRODUCTS", "SERVICES", "actions"]

SERVICES = (assistant, ecs, ram, resourcemanager, sts, vpc)

# By path, not by an Action parameter; a test holds this list against what is answered.
FUNCTION_COMPUTE = frozenset(
    (
        "CreateAlias",
        "CreateFunction",
        "CreateService",
        "CreateTrigger",
        "DeleteAlias",
        "DeleteAsyncInvokeConfig",
        "DeleteConcurrencyConfig",
        "DeleteFunction",
        "DeleteFunctionVersion",
        "DeleteService",
        "DeleteServiceVersion",
        "DeleteTrigger",
        "GetAlias",
        "GetAsyncInvokeConfig",
        "GetAsyncTask",
        "GetConcurrencyConfig",
        "GetFunction",
        "GetFunctionCode",
        "GetService",
        "GetProvisionConfig",
        "GetScalingConfig",
        "GetStatefulAsyncInvocation",
        "GetTempBucketToken",
        "GetTrigger",
        "InvokeFunction",
        "ListAliases",
        "ListAsyncInvokeConfigs",
        "ListAsyncTasks",
        "ListFunctionAsyncInvokeConfigs",
        "ListFunctionVersions",
        "ListFunctions",
        "ListProvisionConfigs",
        "ListScalingConfigs",
        "ListServiceVersions",
        "ListServices",
        "ListStatefulAsyncInvocations",
        "ListTriggers",
        "ListVpcBindings",
        "PublishFunctionVersion",
        "PublishServiceVersion",
        "PutAsyncInvokeConfig",
        "PutConcurrencyConfig",
        "StopAsyncTask",
        "StopStatefulAsyncInvocation",
        "UpdateAlias",
        "UpdateFunction",
        "UpdateService",
        "UpdateTrigger",
    )
)


def actions() -> frozenset[str]:
    """Return the name of every action, Function Compute's among them."""
    return FUNCTION_COMPUTE.union(name for product in PRODUCTS for name in product.actions)
