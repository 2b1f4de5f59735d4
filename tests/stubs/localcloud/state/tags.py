"""Tags of all resources of one region, findable by key and by key and value."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from localcloud.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_MAX_TAGS = 20
_MAX_LENGTH = 128
_RESERVED = ("aliyun", "acs:", "http://", "https://")


class Moment(NamedTuple):
    """A point of the cloud's history: how many writes there were, and how late it was."""

    writes: int = 0
    seconds: float = 0.0


class _TagChange(NamedTuple):
    """One tag of one resource, as it was before."""

    moment: Moment
    resource_id: str
    key: str
    before: str | None


_REMEMBERED = 4096


class TagStore:
    """Which resource carries which tags; ids are unique over all types.

    A list may look at the store as it was some writes or seconds ago; the last changes are kept for that.
    """

    def __init__(self, now: Callable[[], Moment] = Moment) -> None:
        """No tags yet; `now` says when a change is made."""
        self._by_resource: dict[str, dict[str, str]] = {}
        self._index: dict[tuple[str, str | None], dict[str, None]] = {}
        self._now = now
        self._changes: deque[_TagChange] = deque(maxlen=_REMEMBERED)

    def of(self, resource_id: str) -> Mapping[str, str]:
        """Return the tags of one resource."""
        return self._by_resource.get(resource_id, {})

    def put(self, resource_id: str, tags: Mapping[str, str | None]) -> None:
        """Add or overwrite tags; refuses what the cloud refuses before anything is changed."""
        check_tags(tags)
        self.check_room(resource_id, tags)
        mine = self._by_resource.setdefault(resource_id, {})
        moment = self._now()
        for key, value in tags.items():
            self._drop(resource_id, key, moment)
            mine[key] = value or ""
            self._index.setdefault((key, value or ""), {})[resource_id] = None
            self._index.setdefault((key, None), {})[resource_id] = None

    def check_room(self, resource_id: str, tags: Mapping[str, str | None]) -> None:
        """Refuse more tags than one resource can carry."""
        if len(self.of(resource_id).keys() | tags.keys()) > _MAX_TAGS:
            raise ApiError(
                "QuotaExceed.TagsPerResource", "The maximum number of tags for each resource is exceeded."
            )

    def _drop(self, resource_id: str, key: str, moment: Moment) -> None:
        value = self._by_resource.get(resource_id, {}).pop(key, None)
        self._changes.append(_TagChange(moment, resource_id, key, value))
        if value is not None:
            self._index[key, value].pop(resource_id, None)
            self._index[key, None].pop(resource_id, None)

    def remove(self, resource_id: str, keys: Iterable[str]) -> None:
        """Take tags away; keys that are not there are no error."""
        moment = self._now()
        for key in keys:
            self._drop(resource_id, key, moment)

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
        if len(found) == 1:
            return list(smallest)
        return [resource for resource in smallest if all(resource in other for other in found)]

    def earlier(self, lag: Moment) -> Mapping[str, Mapping[str, str]]:
        """Return what the resources carried `lag` ago whose tags have changed since."""
        now = self._now()
        then: dict[str, dict[str, str]] = {}
        for change in reversed(self._changes):
            seen = (
                now.writes - change.moment.writes >= lag.writes
                and now.seconds - change.moment.seconds >= lag.seconds
            )
            if seen:
                break
            tags = then.setdefault(change.resource_id, dict(self.of(change.resource_id)))
            tags.pop(change.key, None)
            if change.before is not None:
                tags[change.key] = change.before
        return then

    def matched(self, wanted: Mapping[str, str | None], lag: Moment) -> list[str]:
        """Return what `matching` would have returned `lag` ago."""
        then = self.earlier(lag)
        found = [each for each in self.matching(wanted) if each not in then]
        return found + [each for each, tags in then.items() if _carries(tags, wanted)]

    def past(self, lag: Moment) -> TagStore:
        """Return a store as this one was `lag` ago."""
        then = self.earlier(lag)
        store = TagStore()
        for resource_id, tags in {**self._by_resource, **then}.items():
            store.put(resource_id, tags)
        return store


def _carries(tags: Mapping[str, str], wanted: Mapping[str, str | None]) -> bool:
    return bool(tags) and all(
        key in tags and (value is None or tags[key] == value) for key, value in wanted.items()
    )


def check_tags(tags: Mapping[str, str | None], *, reserved: tuple[str, ...] = ()) -> None:
    """Refuse keys and values outside the documented form; `reserved` are more beginnings of values."""
    for key, value in tags.items():
        if len(key) > _MAX_LENGTH or key.lower().startswith(_RESERVED):
            raise ApiError("InvalidTagKey.Malformed", "The specified Tag.n.Key is not valid.")
        if len(value or "") > _MAX_LENGTH or (value or "").lower().startswith(
            ("http://", "https://", *reserved)
        ):
            raise ApiError("InvalidTagValue.Malformed", "The specified Tag.n.Value is not valid.")
