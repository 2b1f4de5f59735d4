"""The control API of Function Compute 3.0: functions and their triggers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud.fc.deploying import Deployer
from localcloud.fc.exchange import V2, V3, Call, Route, answer, nothing
from localcloud.fc.views import function_view, trigger_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.fc.model import FunctionConfig
    from localcloud.fc.registry import Registry
    from localcloud.fc.service import FunctionService
    from localcloud.wire.http import HttpResponse


class Management:
    """Answers the calls that deploy; each refusal is an FcError."""

    def __init__(self, service: FunctionService) -> None:
        """Deploy to this service."""
        self._service = service
        self._deployer = Deployer(service)

    @property
    def _registry(self) -> Registry:
        return self._service.registry

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        one = rf"{V3}/functions/(?P<function>[^/]+)"
        item = r"/(?P<item>[^/]+)"
        rows = [
            ("POST", f"{V3}/functions", "CreateFunction", self._create_function),
            ("GET", f"{V3}/functions", "ListFunctions", self._list_functions),
            ("GET", one, "GetFunction", self._get_function),
            ("PUT", one, "UpdateFunction", self._update_function),
            ("DELETE", one, "DeleteFunction", self._delete_function),
            ("POST", f"{one}/triggers", "CreateTrigger", self._create_trigger),
            ("GET", f"{one}/triggers", "ListTriggers", self._list_triggers),
            ("GET", f"{one}/triggers{item}", "GetTrigger", self._get_trigger),
            ("PUT", f"{one}/triggers{item}", "UpdateTrigger", self._update_trigger),
            ("DELETE", f"{one}/triggers{item}", "DeleteTrigger", self._delete_trigger),
            ("GET", f"{one}/vpc-bindings", "ListVpcBindings", lambda _call: answer({"vpcIds": []})),
            ("GET", f"{V3}/provision-configs", "ListProvisionConfigs", _none("provisionConfigs")),
            ("GET", f"{V3}/scaling-configs", "ListScalingConfigs", _none("scalingConfigs")),
            (
                "GET",
                f"{V2}/tempBucketToken",
                "GetTempBucketToken",
                lambda _call: answer(self._deployer.bucket_token()),
            ),
        ]
        return [Route(method, re.compile(path), action, reply) for method, path, action, reply in rows]

    # functions

    def _create_function(self, call: Call) -> HttpResponse:
        fields = call.body()
        name = str(fields.get("functionName") or "")
        entry = self._deployer.create(name, fields)
        return answer(function_view(entry, self._arn(entry.config)))

    def _update_function(self, call: Call) -> HttpResponse:
        entry = self._deployer.update(call.function, call.body())
        return answer(function_view(entry, self._arn(entry.config)))

    def _list_functions(self, call: Call) -> HttpResponse:
        names = [each for each in self._registry.names() if each.startswith(call.option("prefix"))]
        entries = [self._registry.get(name) for name in names]
        return call.page("functions", [function_view(each, self._arn(each.config)) for each in entries])

    def _get_function(self, call: Call) -> HttpResponse:
        entry = self._registry.get(call.function)
        held = self._registry.snapshot(call.function, call.asked)
        return answer(function_view(entry, self._arn(entry.config), held))

    def _delete_function(self, call: Call) -> HttpResponse:
        self._registry.delete(call.function)
        self._service.runner.retire(call.function, ())
        return nothing()

    def _arn(self, config: FunctionConfig) -> str:
        return self._service.arn(config)

    # triggers

    def _create_trigger(self, call: Call) -> HttpResponse:
        return answer(self._deployer.put_trigger(call.function, call.body(), new=True))

    def _update_trigger(self, call: Call) -> HttpResponse:
        known = self._registry.trigger(call.function, call.item)
        given = {name: value for name, value in call.body().items() if value is not None}
        return answer(
            self._deployer.put_trigger(
                call.function, {**known.fields, **given, "triggerName": call.item}, new=False
            )
        )

    def _list_triggers(self, call: Call) -> HttpResponse:
        kept = self._registry.get(call.function).triggers.values()
        prefix = call.option("prefix")
        return call.page(
            "triggers", [trigger_view(each) for each in kept if each.run.name.startswith(prefix)]
        )

    def _get_trigger(self, call: Call) -> HttpResponse:
        kept = self._registry.trigger(call.function, call.item)
        return answer(trigger_view(kept))

    def _delete_trigger(self, call: Call) -> HttpResponse:
        self._registry.delete_trigger(call.function, call.item)
        return nothing()


def _none(name: str) -> Callable[[Call], HttpResponse]:
    def reply(_call: Call) -> HttpResponse:
        return answer({name: []})

    return reply
