"""RAM policies, one per function, made from what each function calls and from no list beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from multieip.permissions import ram_action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Json = dict[str, Any]
Call = tuple[str, str]

TAGS: Final[tuple[Call, ...]] = (
    ("Ecs", "DescribeNetworkInterfaces"),
    ("Ecs", "DescribeInstances"),
    ("Vpc", "DescribeEipAddresses"),
)
GROUP: Final[tuple[Call, ...]] = (
    ("Ecs", "DescribeInstanceTypes"),
    ("Ecs", "DescribeCloudAssistantStatus"),
    ("Vpc", "DescribeEipGatewayInfo"),
)
GUEST: Final[tuple[Call, ...]] = (("Ecs", "RunCommand"), ("Ecs", "DescribeInvocationResults"))
CHANGES: Final[tuple[Call, ...]] = (
    ("Vpc", "AssociateEipAddressBatch"),
    ("Vpc", "AssociateEipAddress"),
    ("Vpc", "UnassociateEipAddress"),
    ("Ecs", "AttachNetworkInterface"),
    ("Ecs", "DetachNetworkInterface"),
)
OWN_TAGS: Final[tuple[Call, ...]] = (("Ecs", "TagResources"), ("Vpc", "TagResources"))
RESUME: Final[tuple[Call, ...]] = (("Ecs", "UntagResources"),)

READS: Final[Mapping[str, tuple[Call, ...]]] = {
    "react": TAGS,
    "sweep": (*TAGS, *GROUP, ("Ecs", "DescribeSecurityGroupAttribute")),
    "bind": (*TAGS, *GROUP),
}
PREFIX: Final = "multi-eip:"
_INSTANCES: Final = ("acs:vpc:*:*:instance/*", "acs:ecs:*:*:instance/*")
_FUNCTIONS: Final = ("react", "bind", "sweep")

# By the names that RAM has for them; the last line is what the component looks at beside.
_DEPLOYING: Final = (
    *("GetFunction", "CreateFunction", "UpdateFunction", "DeleteFunction", "InvokeFunction"),
    *("GetTrigger", "ListTriggers", "CreateTrigger", "UpdateTrigger", "DeleteTrigger"),
    *(f"{verb}FunctionAsyncInvokeConfig" for verb in ("Get", "Put", "Delete")),
    *("ListFunctionAsyncInvokeConfigs", "PutConcurrencyConfig"),
    *("PublishFunctionVersion", "ListFunctionVersions", "DeleteFunctionVersion"),
    *("GetAlias", "ListAliases", "CreateAlias", "UpdateAlias", "DeleteAlias"),
    *("GetConcurrencyConfig", "GetProvisionConfig", "GetScalingConfig", "ListVpcBindings"),
)


def policy(function: str, *, prefix: str = PREFIX) -> Json:
    """Return the policy of one function's role."""
    statements = [_allow(READS[function])]
    if function != "react":
        statements.append(_allow(GUEST))
    if function == "bind":
        statements += [_allow(CHANGES), _own_tags(prefix), _resume(prefix)]
    return _document([*statements, _start(function), *_platform()])


def policy_by_tag(*, prefix: str = PREFIX) -> Json:
    """Return bind's policy for changes of what carries the group tag only.

    An EIP that has left its group carries no tag any more when it is unbound: there the ENI has to.
    """
    document = policy("bind", prefix=prefix)
    tagged = {"StringLike": {f"acs:ResourceTag/{prefix}group": ["*"]}}
    at = document["Statement"].index(_allow(CHANGES))
    leave = ("Vpc", "UnassociateEipAddress")
    document["Statement"][at : at + 1] = [
        {**_allow([call for call in CHANGES if call != leave]), "Condition": tagged},
        {**_allow([leave]), "Resource": ["acs:vpc:*:*:eip/*"]},
        {**_allow([leave]), "Resource": list(_INSTANCES), "Condition": tagged},
    ]
    return document


def policy_run_as(function: str = "bind", *, prefix: str = PREFIX) -> Json:
    """Return a policy that lets commands run as the agent's own user only, which is who ours run as.

    Results are read without a user, so that action stands apart.
    """
    document = policy(function, prefix=prefix)
    at = document["Statement"].index(_allow(GUEST))
    run, read = GUEST
    own = {"StringEqualsIgnoreCase": {"ecs:CommandRunAs": ["root", "system"]}}
    document["Statement"][at : at + 1] = [{**_allow([run]), "Condition": own}, _allow([read])]
    return document


def trust() -> Json:
    """Return who may take on the roles: Function Compute."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": ["fc.aliyuncs.com"]},
    }
    return {"Version": "1", "Statement": [statement]}


def deployer() -> Json:
    """Return what plan, deploy, invoke, info, logs, version, alias and remove take for these functions.

    Nothing of EventBridge: Function Compute makes the rules of its triggers by a service-linked role.
    """
    own = [f"acs:fc:*:*:functions/multi-eip-{name}{rest}" for name in _FUNCTIONS for rest in ("", "/*")]
    roles = [f"acs:ram:*:*:role/multi-eip-{name}" for name in _FUNCTIONS]
    logs = [f"log:{verb}{what}" for what in ("Project", "LogStore", "Index") for verb in ("Get", "Create")]
    linked = ["ram:CheckServiceLinkedRoleExistence", "ram:CreateServiceLinkedRole"]
    return _document(
        [
            {"Effect": "Allow", "Action": [f"fc:{each}" for each in _DEPLOYING], "Resource": own},
            {"Effect": "Allow", "Action": ["fc:GetTempBucketToken"], "Resource": ["*"]},
            {"Effect": "Allow", "Action": ["ram:PassRole"], "Resource": roles},
            {"Effect": "Allow", "Action": linked, "Resource": ["*"]},
            {
                "Effect": "Allow",
                "Action": [*logs, "log:GetLogStoreLogs"],
                "Resource": ["acs:log:*:*:project/serverless-*"],
            },
        ]
    )


def report_bucket() -> Json:
    """Return what the role of `sweep` takes besides, where a bucket keeps its reports."""
    kept = {"Effect": "Allow", "Action": ["oss:PutObject"], "Resource": ["acs:oss:*:*:BUCKET/multi-eip/*"]}
    return _document([kept])


def files() -> Mapping[str, str]:
    """Return every document by its path in the repository."""
    documents = {f"{name}.json": policy(name) for name in _FUNCTIONS}
    documents |= {
        "bind-by-tag.json": policy_by_tag(),
        "bind-run-as-root.json": policy_run_as(),
        "trust.json": trust(),
        "deployer.json": deployer(),
        "sweep-report-bucket.json": report_bucket(),
    }
    return {
        f"docs/policies/{name}": json.dumps(document, indent=2) + "\n" for name, document in documents.items()
    }


def _document(statements: Sequence[Json]) -> Json:
    return {"Version": "1", "Statement": list(statements)}


def _allow(calls: Sequence[Call]) -> Json:
    actions = [ram_action(action, product) for product, action in calls]
    return {"Effect": "Allow", "Action": actions, "Resource": ["*"]}


def _own_tags(prefix: str) -> Json:
    """Narrow the writing of tags to the two that a run may set or take away."""
    keys = [f"{prefix}hold", f"{prefix}refused"]
    return {**_allow(OWN_TAGS), "Condition": {"StringEquals": {"acs:TagKeys": keys}}}


def _resume(prefix: str) -> Json:
    """Narrow the removal of tags to what is on hold; RAM is not told which key is to go."""
    return {**_allow(RESUME), "Condition": {"StringLike": {f"acs:ResourceTag/{prefix}hold": ["*"]}}}


def _start(function: str) -> Json:
    """Allow to start `bind`, of either generation of Function Compute, with any qualifier.

    A sweep that needs more time than one invocation has starts itself.
    """
    resources: list[str] = []
    for started in ("bind", "sweep") if function == "sweep" else ("bind",):
        new = f"acs:fc:*:*:functions/multi-eip-{started}"
        resources += [new, f"{new}/*", f"acs:fc:*:*:services/multi-eip*/functions/multi-eip-{started}"]
    return {"Effect": "Allow", "Action": ["fc:InvokeFunction"], "Resource": resources}


def _platform() -> list[Json]:
    """Allow what Function Compute does in the role's name: logs, and messages about failures."""
    return [
        {
            "Effect": "Allow",
            "Action": ["log:PostLogStoreLogs"],
            "Resource": ["acs:log:*:*:project/*/logstore/*"],
        },
        {"Effect": "Allow", "Action": ["mns:SendMessage"], "Resource": ["acs:mns:*:*:/queues/*/messages"]},
    ]
