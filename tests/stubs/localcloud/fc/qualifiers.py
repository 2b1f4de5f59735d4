"""The control API of Function Compute 3.0: versions, aliases, asynchronous calls and concurrency."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.config import async_from_fields
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.exchange import V3, Call, Route, answer, nothing
from localcloud.fc.published import Alias, listed
from localcloud.fc.views import alias_view, async_view, version_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.fc.service import FunctionService
    from localcloud.wire.http import HttpResponse

_ALIAS: Final = re.compile(r"(?!LATEST$)[A-Za-z_][A-Za-z0-9_-]{0,127}")


class Qualifiers:
    """What a function has beside its code: by version, by alias, by qualifier."""

    def __init__(self, service: FunctionService) -> None:
        """Answer for this service."""
        self._service = service
        self._registry = service.registry

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        one = rf"{V3}/functions/(?P<function>[^/]+)"
        item = r"/(?P<item>[^/]+)"
        rows = [
            ("POST", f"{one}/versions", "PublishFunctionVersion", self._publish),
            ("GET", f"{one}/versions", "ListFunctionVersions", self._list_versions),
            ("DELETE", f"{one}/versions{item}", "DeleteFunctionVersion", self._unpublish),
            ("POST", f"{one}/aliases", "CreateAlias", self._create_alias),
            ("GET", f"{one}/aliases", "ListAliases", self._list_aliases),
            ("GET", f"{one}/aliases{item}", "GetAlias", self._get_alias),
            ("PUT", f"{one}/aliases{item}", "UpdateAlias", self._update_alias),
            ("DELETE", f"{one}/aliases{item}", "DeleteAlias", self._delete_alias),
            ("PUT", f"{one}/async-invoke-config", "PutAsyncInvokeConfig", self._put_async),
            ("GET", f"{one}/async-invoke-config", "GetAsyncInvokeConfig", self._get_async),
            ("DELETE", f"{one}/async-invoke-config", "DeleteAsyncInvokeConfig", self._delete_async),
            ("GET", f"{V3}/async-invoke-configs", "ListAsyncInvokeConfigs", self._list_async),
            ("PUT", f"{one}/concurrency", "PutConcurrencyConfig", self._put_concurrency),
            ("GET", f"{one}/concurrency", "GetConcurrencyConfig", self._get_concurrency),
            ("DELETE", f"{one}/concurrency", "DeleteConcurrencyConfig", self._delete_concurrency),
            ("GET", f"{one}/provision-config", "GetProvisionConfig", self._get_provision),
            ("GET", f"{one}/scaling-config", "GetScalingConfig", self._get_scaling),
        ]
        return [Route(method, re.compile(path), action, reply) for method, path, action, reply in rows]

    def _get_provision(self, call: Call) -> HttpResponse:
        return answer({"functionArn": self._arn_of(call.function), "target": 0, "current": 0})

    def _get_scaling(self, call: Call) -> HttpResponse:
        found = {
            "minInstances": 0,
            "currentInstances": 0,
            "targetInstances": 0,
            "enableOnDemandScaling": True,
        }
        return answer({"functionArn": self._arn_of(call.function), **found})

    def _arn_of(self, name: str) -> str:
        return self._service.arn(self._registry.get(name).config)

    def _publish(self, call: Call) -> HttpResponse:
        return answer(
            version_view(self._registry.publish(call.function, str(call.body().get("description") or "")))
        )

    def _list_versions(self, call: Call) -> HttpResponse:
        versions = self._registry.get(call.function).published.versions.values()
        found = listed(versions, call.option("direction"))
        return call.page("versions", [version_view(each) for each in found])

    def _unpublish(self, call: Call) -> HttpResponse:
        self._registry.unpublish(call.function, call.item)
        return nothing()

    def _create_alias(self, call: Call) -> HttpResponse:
        alias = new_alias(call.body())
        return answer(alias_view(self._registry.put_alias(call.function, alias, new=True)))

    def _update_alias(self, call: Call) -> HttpResponse:
        alias = changed_alias(self._alias(call), call.body())
        return answer(alias_view(self._registry.put_alias(call.function, alias, new=False)))

    def _list_aliases(self, call: Call) -> HttpResponse:
        aliases = self._registry.get(call.function).published.aliases.values()
        return call.page("aliases", [alias_view(each) for each in aliases])

    def _get_alias(self, call: Call) -> HttpResponse:
        return answer(alias_view(self._alias(call)))

    def _alias(self, call: Call) -> Alias:
        return self._registry.get(call.function).published.alias(call.item)

    def _delete_alias(self, call: Call) -> HttpResponse:
        self._registry.get(call.function).published.aliases.pop(call.item, None)
        return nothing()

    def _put_async(self, call: Call) -> HttpResponse:
        self._registry.resolve(call.function, call.asked)
        try:
            config = async_from_fields(call.body())
        except ConfigError as error:
            raise FcError(400, "InvalidArgument", str(error)) from error
        self._registry.set_async(call.function, call.asked, config)
        return self._get_async(call)

    def _get_async(self, call: Call) -> HttpResponse:
        found = self._registry.get(call.function).asynchronous.get(call.asked)
        if found is None:
            message = f"function '{call.function}' has no asynchronous configuration for '{call.asked}'"
            raise FcError(404, "AsyncConfigNotExists", message)
        return answer(async_view(found, self._arn_of(call.function), call.asked))

    def _delete_async(self, call: Call) -> HttpResponse:
        self._registry.get(call.function).asynchronous.pop(call.asked, None)
        return nothing()

    def _list_async(self, call: Call) -> HttpResponse:
        wanted = call.option("functionName")
        names = [wanted] if wanted else self._registry.names()
        rows = [
            async_view(found, self._arn_of(name), qualifier)
            for name in names
            for qualifier, found in self._registry.get(name).asynchronous.items()
        ]
        return call.page("configs", rows)

    def _put_concurrency(self, call: Call) -> HttpResponse:
        reserved = call.body().get("reservedConcurrency")
        if not isinstance(reserved, int) or isinstance(reserved, bool) or reserved < 0:
            raise FcError(
                400, "InvalidArgument", f"reservedConcurrency is {reserved!r}, it must be a whole number"
            )
        self._registry.set_concurrency(call.function, reserved)
        return self._get_concurrency(call)

    def _get_concurrency(self, call: Call) -> HttpResponse:
        config = self._registry.get(call.function).config
        if config.reserved_concurrency is None:
            raise FcError(404, "ConcurrencyConfigNotFound", f"function '{config.name}' reserves no instances")
        return answer(
            {"functionArn": self._arn_of(config.name), "reservedConcurrency": config.reserved_concurrency}
        )

    def _delete_concurrency(self, call: Call) -> HttpResponse:
        self._registry.set_concurrency(call.function, None)
        return nothing()


def new_alias(fields: Mapping[str, Any]) -> Alias:
    """Return the alias that a call wants to make; refuses a name that is none."""
    name = str(fields.get("aliasName") or "")
    if not _ALIAS.fullmatch(name):
        raise FcError(400, "InvalidArgument", f"alias name '{name}' must match {_ALIAS.pattern}")
    return _alias(name, fields)


def changed_alias(known: Alias, fields: Mapping[str, Any]) -> Alias:
    """Return an alias with the fields that a call changes."""
    given = {name: value for name, value in fields.items() if value is not None}
    return _alias(known.name, {**alias_view(known), **given})


def _alias(name: str, fields: Mapping[str, Any]) -> Alias:
    weights = fields.get("additionalVersionWeight") or {}
    try:
        shares = {str(version): float(weight) for version, weight in weights.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise FcError(
            400, "InvalidArgument", "additionalVersionWeight holds a part for each version"
        ) from error
    if any(not 0 <= each <= 1 for each in shares.values()):
        raise FcError(400, "InvalidArgument", "each part of additionalVersionWeight is between 0 and 1")
    version = str(fields.get("versionId") or "")
    return Alias(name, version, str(fields.get("description") or ""), shares)
