"""The control API of Function Compute 2.0: services, and functions and triggers in them.

A service lends its functions its role and its log; in the registry they are `service$function`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from localcloud.fc.config import async_from_fields
from localcloud.fc.deploying import Deployer
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.exchange import V2, Call, Route, answer, nothing
from localcloud.fc.views import async_view, moment, trigger_view

if TYPE_CHECKING:
    from localcloud.fc.registry import Deployed, KeptTrigger, Snapshot
    from localcloud.fc.service import FunctionService
    from localcloud.wire.http import HttpResponse

_SERVICE_FIELDS = (
    "serviceName",
    "description",
    "role",
    "logConfig",
    "internetAccess",
    "vpcConfig",
    "nasConfig",
)


class Services:
    """Answers the calls of 2.0 that deploy; each refusal is an FcError."""

    def __init__(self, service: FunctionService) -> None:
        """Deploy to this service, in the sense of the local cloud."""
        self._service = service
        self._deployer = Deployer(service)
        self._registry = service.registry

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        services = f"{V2}/services"
        one = rf"{services}/(?P<service>[^/.]+)(?:\.(?P<qualifier>[^/]+))?"
        function = rf"{one}/functions/(?P<function>[^/]+)"
        trigger = rf"{function}/triggers/(?P<item>[^/]+)"
        settings = f"{function}/async-invoke-config"
        rows = [
            ("POST", services, "CreateService", self._create_service),
            ("GET", services, "ListServices", self._list_services),
            ("GET", one, "GetService", self._get_service),
            ("PUT", one, "UpdateService", self._update_service),
            ("DELETE", one, "DeleteService", self._delete_service),
            ("POST", f"{one}/functions", "CreateFunction", self._create_function),
            ("GET", f"{one}/functions", "ListFunctions", self._list_functions),
            ("GET", function, "GetFunction", self._get_function),
            ("PUT", function, "UpdateFunction", self._update_function),
            ("DELETE", function, "DeleteFunction", self._delete_function),
            ("POST", f"{function}/triggers", "CreateTrigger", self._create_trigger),
            ("GET", f"{function}/triggers", "ListTriggers", self._list_triggers),
            ("GET", trigger, "GetTrigger", self._get_trigger),
            ("PUT", trigger, "UpdateTrigger", self._update_trigger),
            ("DELETE", trigger, "DeleteTrigger", self._delete_trigger),
            ("PUT", settings, "PutAsyncInvokeConfig", self._put_settings),
            ("GET", settings, "GetAsyncInvokeConfig", self._get_settings),
            ("DELETE", settings, "DeleteAsyncInvokeConfig", self._delete_settings),
            ("GET", f"{settings}s", "ListFunctionAsyncInvokeConfigs", self._list_settings),
        ]
        return [Route(method, re.compile(path), action, reply) for method, path, action, reply in rows]

    # services

    def _create_service(self, call: Call) -> HttpResponse:
        fields = call.body()
        name = str(fields.get("serviceName") or "")
        if not name or name in self._registry.services:
            raise FcError(
                409 if name else 400,
                "ServiceAlreadyExists" if name else "InvalidArgument",
                f"service '{name}'",
            )
        kept = {key: fields[key] for key in _SERVICE_FIELDS if fields.get(key) is not None}
        now = moment(self._service.timeline.now())
        self._registry.services[name] = {**kept, "createdTime": now, "lastModifiedTime": now}
        return answer(self._registry.services[name])

    def _list_services(self, call: Call) -> HttpResponse:
        prefix = call.option("prefix")
        return call.page(
            "services", [each for name, each in self._registry.services.items() if name.startswith(prefix)]
        )

    def _get_service(self, call: Call) -> HttpResponse:
        return answer(self.of(call))

    def _update_service(self, call: Call) -> HttpResponse:
        kept = self.of(call)
        changed = {
            key: value for key, value in call.body().items() if key in _SERVICE_FIELDS and value is not None
        }
        kept |= {**changed, "lastModifiedTime": moment(self._service.timeline.now())}
        return answer(kept)

    def _delete_service(self, call: Call) -> HttpResponse:
        self.of(call)
        left = self.names(call)
        if left:
            raise FcError(
                412, "ServiceNotEmpty", f"service '{call.service}' still has functions: {', '.join(left)}"
            )
        self._registry.forget(call.service)
        return nothing()

    def of(self, call: Call) -> dict[str, Any]:
        """Return the service of a call, or refuse with 404."""
        found = self._registry.services.get(call.service)
        if found is None and call.service == self._service.settings.service:
            found = self._registry.services.setdefault(call.service, {"serviceName": call.service})
        if found is None:
            raise FcError(404, "ServiceNotFound", f"service '{call.service}' does not exist")
        return found

    def names(self, call: Call) -> list[str]:
        """Return how the registry knows the functions of the service of a call."""
        prefix = f"{call.service}$"
        own = [each for each in self._registry.names() if each.startswith(prefix)]
        if call.service == self._service.settings.service:
            own += [each for each in self._registry.names() if "$" not in each]
        return own

    # functions

    def key(self, call: Call) -> str:
        """Return how the registry knows the function of a call, or refuse with 404."""
        key = f"{call.service}${call.function}"
        if self._registry.has(key):
            return key
        found = self._service.find(call.function, call.service)
        names = (
            found.name,
            *(
                each.name
                for each in self._service.application.functions.values()
                if each.resource == found.name
            ),
        )
        return next(name for name in names if self._registry.has(name))

    def _create_function(self, call: Call) -> HttpResponse:
        service, fields = self.of(call), call.body()
        name = str(fields.get("functionName") or "")
        lent = {"role": service.get("role"), "logConfig": service.get("logConfig")}
        entry = self._deployer.create(f"{call.service}${name}", {**lent, **fields})
        return answer(_function_view(entry))

    def _list_functions(self, call: Call) -> HttpResponse:
        self.of(call)
        release = self._registry.released(call.service).versions.get(call.asked)
        names = sorted(release.held) if release else self.names(call)
        return call.page("functions", [self._view(name, call) for name in names])

    def _get_function(self, call: Call) -> HttpResponse:
        return answer(self._view(self.key(call), call))

    def _view(self, key: str, call: Call) -> dict[str, Any]:
        held = self._registry.snapshot(key, call.asked, call.service)
        return _function_view(self._registry.get(key), held)

    def _update_function(self, call: Call) -> HttpResponse:
        return answer(_function_view(self._deployer.update(self.key(call), call.body())))

    def _delete_function(self, call: Call) -> HttpResponse:
        self._registry.delete(self.key(call))
        return nothing()

    # triggers

    def _create_trigger(self, call: Call) -> HttpResponse:
        key = self.key(call)
        self._deployer.put_trigger(key, _as_text(call.body()), new=True)
        return answer(self._trigger(key, str(call.body()["triggerName"])))

    def _update_trigger(self, call: Call) -> HttpResponse:
        key = self.key(call)
        known = self._registry.trigger(key, call.item)
        given = {name: value for name, value in _as_text(call.body()).items() if value is not None}
        self._deployer.put_trigger(key, {**known.fields, **given, "triggerName": call.item}, new=False)
        return answer(self._trigger(key, call.item))

    def _list_triggers(self, call: Call) -> HttpResponse:
        key = self.key(call)
        return call.page("triggers", [self._trigger(key, name) for name in self._registry.get(key).triggers])

    def _get_trigger(self, call: Call) -> HttpResponse:
        return answer(self._trigger(self.key(call), call.item))

    def _delete_trigger(self, call: Call) -> HttpResponse:
        self._registry.delete_trigger(self.key(call), call.item)
        return nothing()

    # settings of asynchronous calls

    def _put_settings(self, call: Call) -> HttpResponse:
        fields = call.body()
        if "statefulInvocation" in fields:
            fields["asyncTask"] = fields.pop("statefulInvocation")
        try:
            self._registry.set_async(self.key(call), call.asked, async_from_fields(fields))
        except ConfigError as error:
            raise FcError(400, "InvalidArgument", str(error)) from error
        return self._get_settings(call)

    def _get_settings(self, call: Call) -> HttpResponse:
        if call.asked not in self._registry.get(self.key(call)).asynchronous:
            message = f"function '{call.function}' has no asynchronous configuration"
            raise FcError(404, "AsyncConfigNotExists", message)
        return answer(self._settings(call, call.asked))

    def _list_settings(self, call: Call) -> HttpResponse:
        found = self._registry.get(self.key(call)).asynchronous
        return call.page("configs", [self._settings(call, qualifier) for qualifier in found])

    def _settings(self, call: Call, qualifier: str) -> dict[str, Any]:
        entry = self._registry.get(self.key(call))
        view = async_view(entry.asynchronous[qualifier], self._service.arn(entry.config), qualifier)
        of_service = {"service": call.service, "function": call.function, "qualifier": qualifier}
        return {**of_service, **view, "statefulInvocation": view.pop("asyncTask")}

    def _delete_settings(self, call: Call) -> HttpResponse:
        self._registry.get(self.key(call)).asynchronous.pop(call.asked, None)
        return nothing()

    def _trigger(self, key: str, name: str) -> dict[str, Any]:
        kept: KeptTrigger = self._registry.trigger(key, name)
        view = trigger_view(kept)
        return {**view, "triggerConfig": json.loads(view["triggerConfig"])}


def _as_text(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a trigger of 2.0, whose configuration is an object, in the form of 3.0."""
    if fields.get("triggerConfig") is None:
        return {name: value for name, value in fields.items() if name != "triggerConfig"}
    return {**fields, "triggerConfig": json.dumps(fields["triggerConfig"])}


def _function_view(entry: Deployed, held: Snapshot | None = None) -> dict[str, Any]:
    config, package = held or entry.snapshot()
    return {
        "functionId": entry.function_id,
        "functionName": config.name,
        "description": config.described.get("description", ""),
        "runtime": config.runtime,
        "handler": config.handler,
        "initializer": config.initializer,
        "timeout": config.timeout_s,
        "memorySize": config.memory_mb,
        "cpu": config.described.get("cpu", 0.35),
        "diskSize": config.described.get("diskSize", 512),
        "environmentVariables": dict(config.environment),
        "instanceConcurrency": 1,
        "codeSize": len(package.data) if package else 0,
        "codeChecksum": package.checksum if package else "",
        "createdTime": moment(entry.created),
        "lastModifiedTime": moment(entry.modified),
    }
