"""Function Compute's and EventBridge's own refusals, states, limits and rules, and where they are known from.

Figures are found in the code of the two services; those that are no behaviour of the cloud's: `INTERNAL`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RULES: tuple[str, ...] = (
    "rule a handler that raises is an answer 200 with X-Fc-Error-Type",
    "rule an instance of a built-in runtime serves one request at a time",
    "rule a task id that was used is refused",
    "rule a timer's payload is a string",
    "rule a function's environment has what FC sets",
    "rule a function has the credentials of its role",
    "rule a function with triggers or versions is not deleted",
    "rule an event may match no more than its pattern says",
    "rule a version is published only where something has changed",
    "rule the code of a function is given by an address of the object store",
    "rule RAM is asked by names and resources of its own",
    "rule a role is handed to a function by permission only",
    "rule a function's role trusts Function Compute",
)

_FILE = "events-and-runtime.md"

DOCUMENTED: Mapping[tuple[str, str], tuple[str, ...]] = {
    (_FILE, "2.1 Pattern language [E6]"): (
        "limit eventbridge.pattern MAX_OPERATORS_PER_FIELD",
        "rule an event may match no more than its pattern says",
    ),
    (_FILE, "2.2 Limits [E8]"): ("limit eventbridge.bus MAX_EVENT_BYTES",),
    (_FILE, "2.3 Retry, dead letter, tolerance, order"): (
        "state retry BACKOFF_RETRY",
        "state retry EXPONENTIAL_DECAY_RETRY",
    ),
    (_FILE, "3.1 Handler and context"): (
        "rule a handler that raises is an answer 200 with X-Fc-Error-Type",
        "rule a function has the credentials of its role",
    ),
    (_FILE, "3.3 Limits [F7, 2026-02-04]"): (
        "limit fc.config _MAX_ENVIRONMENT_BYTES",
        "limit fc.deploying _CPU_STEP",
        "limit fc.model timeout_s",
        "limit fc.objects _MOST_BYTES",
        "limit fc.runner max_instances",
        "limit fc.service MAX_ASYNC_BYTES",
        "limit fc.service MAX_SYNC_BYTES",
    ),
    (_FILE, "3.4 Variables set by FC [F6]"): ("rule a function's environment has what FC sets",),
    (_FILE, "3.5 Lifecycle, concurrency, logs"): (
        "limit fc.journal TAIL_BYTES",
        "rule an instance of a built-in runtime serves one request at a time",
    ),
    (_FILE, "3.6 Invoking"): (
        "limit fc.model max_age_s",
        "limit fc.model max_retries",
        "limit fc.tasks _THROTTLED_FOR_S",
        "limit fc.tasks throttled_s",
        "rule a task id that was used is refused",
        "rule a timer's payload is a string",
        "state task Enqueued",
        "state task Expired",
        "state task Failed",
        "state task Retrying",
        "state task Running",
        "state task Stopped",
        "state task Stopping",
        "state task Succeeded",
    ),
    (_FILE, "3.9 Refusals that the vendor's own tools look at [D1][D5]"): (
        "refusal Fc AccessDenied",
        "refusal Fc AliasAlreadyExists",
        "refusal Fc AliasNotFound",
        "refusal Fc FunctionAlreadyExists",
        "refusal Fc FunctionNotFound",
        "refusal Fc InvalidArgument",
        "refusal Fc TriggerAlreadyExists",
        "refusal Fc TriggerNotFound",
        "refusal Fc VersionPublishError",
        "rule a version is published only where something has changed",
    ),
    (_FILE, "3.10 What RAM is asked [F16][F17]"): (
        "rule RAM is asked by names and resources of its own",
        "rule a role is handed to a function by permission only",
        "action ResourceManager CreateServiceLinkedRole",
    ),
}

QUOTED: Mapping[str, str] = {
    "limit eventbridge.bus MAX_EVENT_BYTES": "event ≤256 KB",
    "limit fc.config _MAX_ENVIRONMENT_BYTES": "4 KB in total",
    "limit fc.deploying _CPU_STEP": "in steps of 0.05",
    "limit fc.journal TAIL_BYTES": "the last 4 KB",
    "limit fc.model max_age_s": "default 86400 [K1]",
    "limit fc.model max_retries": "3 retries by default",
    "limit fc.model timeout_s": "API default 3 s",
    "limit fc.objects _MOST_BYTES": "500 MB in big regions",
    "limit fc.runner max_instances": "| 300 |",
    "limit fc.service MAX_ASYNC_BYTES": "128 KB (raisable to 256 KB)",
    "limit fc.service MAX_SYNC_BYTES": "32 MB; 128 KB",
    "limit fc.tasks _THROTTLED_FOR_S": "for up to 5 h",
    "limit fc.tasks throttled_s": "exponential from 0.5 s",
    "rule a handler that raises is an answer 200 with X-Fc-Error-Type": "`X-Fc-Error-Type: UnhandledInv",
    "rule a task id that was used is refused": "a repeated id is rejected with **409**",
    "rule RAM is asked by names and resources of its own": "differ from those of the API",
    "rule a role is handed to a function by permission only": "`ram:PassRole`",
    "rule a version is published only where something has changed": "No changes were made since last publish",
    "rule a timer's payload is a string": "`payload` is a **string**",
    "rule an instance of a built-in runtime serves one request at a time": "**one request at a time",
}
"""What the cited section says of it, word for word."""

ASSUMED: Mapping[str, str] = {
    "refusal Fc AsyncConfigNotExists": "clients take the status 404 of a configuration that was never set",
    "refusal Fc AsyncTaskAlreadyExists": "the status 409 is documented for FC 2.0, the code of 3.0 is not",
    "refusal Fc AsyncTaskNotFound": "the product never asks for a task that it has not started",
    "refusal Fc ConcurrencyConfigNotFound": "clients take the status 404 of one that was never set",
    "refusal Fc EntityTooLarge": "the limit is documented, the code is not; the product sends ids only",
    "refusal Fc FunctionNotEmpty": "that a function with triggers or versions stays is assumed as a whole",
    "refusal Fc InternalServerError": "a machine without room for a process meets it; retried like all 5xx",
    "refusal Fc PathNotSupported": "the local cloud's own word, with the action's name, for what is not here",
    "refusal Fc ResourceExhausted": "that a full region answers 429 is documented, the code is not",
    "refusal Fc ServiceAlreadyExists": "the component `fc` looks at the status 409 of a service that exists",
    "refusal Fc ServiceNotEmpty": "that a service with functions stays is assumed as a whole",
    "refusal Fc ServiceNotFound": "the component `fc` looks at the status 404 of a service",
    "refusal Fc ServiceUnavailable": "only while the local cloud ends; retried as any 5xx",
    "refusal Fc StatefulAsyncInvocationAlreadyExists": "the status 409 is documented, the code is not",
    "refusal Fc Unknown": "the commands' own word for an answer that has no code, never the cloud's",
    "refusal Fc VersionInUse": "that a version with an alias stays is assumed as a whole",
    "refusal Fc VersionNotFound": "the product calls LATEST only; clients take the status 404",
    "limit fc.logs _MOST_ROWS": "GetLogs of Log Service gives at most a hundred rows by its clients' word",
    "rule a function's role trusts Function Compute": (
        "that a role names who may take it on is RAM's; the words of Function Compute's refusal are not told"
    ),
    "rule a function with triggers or versions is not deleted": (
        "the vendor's tools remove both before the function, which shows no more than the order"
    ),
    "rule the code of a function is given by an address of the object store": (
        "the model says that GetFunctionCode answers an address; its form and its end are not told"
    ),
    "limit fc.code _OPEN_FOR_S": "that the address ends is assumed with its form; clients fetch at once",
    "limit fc.model memory_mb": "the console's first choice; every function of the product names its own",
    "limit fc.attach max_instances": "fewer than the cloud's 300, for one machine; `FunctionOptions`",
    "limit fc.runner idle_instances": "how long the cloud keeps an idle instance is not told",
    "limit fc.tasks _LONGEST_PAUSE_S": "exponential pauses are documented, their longest is not",
    "limit fc.tasks function_error_s": "that it is retried is documented, how soon is not; `RetryPauses`",
}

INTERNAL: Mapping[str, str] = {
    "limit eventbridge.bus _RECORDS_KEPT": "how much the local cloud remembers for its log",
    "limit fc.beside _MISSING": "the HTTP status by which a command knows that something is not there",
    "limit fc.beside _PAGE": "how many rows a command asks for at once",
    "limit fc.cron _DAYS_AHEAD": "how far a search for a timer's next time goes",
    "limit fc.http _REFUSED": "the first HTTP status that is no success",
    "limit fc.journal _ENTRIES_KEPT": "how much the local cloud remembers for its log",
    "limit fc.packages _ALL_ONES": "part of the checksum CRC-64",
    "limit fc.packages _POLYNOMIAL": "part of the checksum CRC-64",
    "limit fc.remote _TIMEOUT_S": "how long a command waits for the local cloud",
    "limit fc.render _MAX_DEPTH": "keeps an s.yaml that refers to itself from being read forever",
    "limit fc.tasks _DETAIL": "how much of an error the local cloud keeps for its log",
}
"""Figures of the two services' code that no client of the cloud can notice."""
