"""The control API of Function Compute 2.0: versions and aliases, which a service has as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud.fc.exchange import V2, Call, Route, answer, nothing
from localcloud.fc.published import listed
from localcloud.fc.qualifiers import changed_alias, new_alias
from localcloud.fc.views import alias_view, version_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.fc.published import Published
    from localcloud.fc.registry import Snapshot
    from localcloud.fc.service import FunctionService
    from localcloud.fc.services import Services
    from localcloud.wire.http import HttpResponse


class ServiceVersions:
    """A version holds all functions of its service as they were; each refusal is an FcError."""

    def __init__(self, service: FunctionService, services: Services) -> None:
        """Publish what these services hold."""
        self._service = service
        self._registry = service.registry
        self._services = services

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        one, item = rf"{V2}/services/(?P<service>[^/.]+)", "/(?P<item>[^/]+)"
        rows = [
            ("POST", f"{one}/versions", "PublishServiceVersion", self._publish),
            ("GET", f"{one}/versions", "ListServiceVersions", self._list_versions),
            ("DELETE", f"{one}/versions{item}", "DeleteServiceVersion", self._unpublish),
            ("POST", f"{one}/aliases", "CreateAlias", self._create_alias),
            ("GET", f"{one}/aliases", "ListAliases", self._list_aliases),
            ("GET", f"{one}/aliases{item}", "GetAlias", self._get_alias),
            ("PUT", f"{one}/aliases{item}", "UpdateAlias", self._update_alias),
            ("DELETE", f"{one}/aliases{item}", "DeleteAlias", self._delete_alias),
        ]
        return [Route(method, re.compile(path), action, reply) for method, path, action, reply in rows]

    def _of(self, call: Call) -> Published[Mapping[str, Snapshot]]:
        self._services.of(call)
        return self._registry.released(call.service)

    def _publish(self, call: Call) -> HttpResponse:
        self._of(call)
        description = str(call.body().get("description") or "")
        return answer(
            version_view(self._registry.release(call.service, self._services.names(call), description))
        )

    def _list_versions(self, call: Call) -> HttpResponse:
        found = listed(self._of(call).versions.values(), call.option("direction"))
        return call.page("versions", [version_view(each) for each in found])

    def _unpublish(self, call: Call) -> HttpResponse:
        self._of(call).unpublish(call.item)
        return nothing()

    def _create_alias(self, call: Call) -> HttpResponse:
        alias = new_alias(call.body())
        return answer(alias_view(self._of(call).put_alias(alias, self._service.timeline.now(), new=True)))

    def _update_alias(self, call: Call) -> HttpResponse:
        alias = changed_alias(self._of(call).alias(call.item), call.body())
        return answer(alias_view(self._of(call).put_alias(alias, self._service.timeline.now(), new=False)))

    def _list_aliases(self, call: Call) -> HttpResponse:
        prefix = call.option("prefix")
        found = [each for each in self._of(call).aliases.values() if each.name.startswith(prefix)]
        return call.page("aliases", [alias_view(each) for each in found])

    def _get_alias(self, call: Call) -> HttpResponse:
        return answer(alias_view(self._of(call).alias(call.item)))

    def _delete_alias(self, call: Call) -> HttpResponse:
        self._of(call).aliases.pop(call.item, None)
        return nothing()
