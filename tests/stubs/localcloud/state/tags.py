"""Tags of all resources of one region, findable by key and by key and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_TAGS = 20
_MAX_LENGTH = 128
_RESERVED = ("aliyun", "acs:", "http://", "https://")


class TagStore:
    """Which resource carries which tags; ids are unique over all types."""

    def __init__(self) -> None:
        """No tags yet."""
        self._by_resource: dict[str, dict[str, str]] = {}
        self._index: dict[tuple[str, str | None], dict[str, None]] = {}

    def of(self, resource_id: str) -> Mapping[str, str]:
        """Return the tags of one resource."""
        return self._by_resource.get(resource_id, {})

    def put(self, resource_id: str, tags: Mapping[str, str | None]) -> None:
        """Add or overwrite tags; refuses what the cloud refuses before anything is changed."""
        check_tags(tags)
        self.check_room(resource_id, tags)
        mine = self._by_resource.setdefault(resource_id, {})
        for key, value in tags.items():
            self._drop(resource_id, key)
            mine[key] = value or ""
            self._index.setdefault((key, value or ""), {})[resource_id] = None
            self._index.setdefault((key, None), {})[resource_id] = None

    def check_room(self, resource_id: str, tags: Mapping[str, str | None]) -> None:
        """Refuse more tags than one resource can carry."""
        if len(self.of(resource_id).keys() | tags.keys()) > _MAX_TAGS:
            raise ApiError(
                "QuotaExceed.TagsPerResource", "The maximum number of tags for each resource is exceeded."
            )

    def _drop(self, resource_id: str, key: str) -> None:
        value = self._by_resource.get(resource_id, {}).pop(key, None)
        if value is not None:
            self._index[key, value].pop(resource_id, None)
            self._index[key, None].pop(resource_id, None)

    def remove(self, resource_id: str, keys: Iterable[str]) -> None:
        """Take tags away; keys that are not there are no error."""
        for key in keys:
            self._drop(resource_id, key)

    def forget(self, resource_id: str) -> None:
        """Forget the tags of a resource that is gone."""
        self.remove(resource_id, list(self.of(resource_id)))
        self._by_resource.pop(resource_id, None)

    def matching(self, wanted: Mapping[str, str | None]) -> list[str]:
        """Return the ids of resources that carry all the tags, in the order in which they were tagged."""
        found = [self._index.get((key, value), {}) for key, value in wanted.items()]
        if not found:
            return list(self._by_resource)
        smallest = min(found, key=len)
        return [resource for resource in smallest if all(resource in other for other in found)]


def check_tags(tags: Mapping[str, str | None]) -> None:
    """Refuse keys and values outside the documented form."""
    for key, value in tags.items():
        if len(key) > _MAX_LENGTH or key.lower().startswith(_RESERVED):
            raise ApiError("InvalidTagKey.Malformed", "The specified Tag.n.Key is not valid.")
        if len(value or "") > _MAX_LENGTH or (value or "").lower().startswith(("http://", "https://")):
            raise ApiError("InvalidTagValue.Malformed", "The specified Tag.n.Value is not valid.")
