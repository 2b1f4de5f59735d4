"""What was published under numbers and names: of one function (FC 3.0), or of a whole service (FC 2.0)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from localcloud.fc.errors import FcError

if TYPE_CHECKING:
    import random
    from collections.abc import Hashable, Iterable, Mapping

LATEST: Final = "LATEST"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """A published version: what it was then."""

    version_id: str
    held: T
    description: str
    created: float


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version; a second one may get a part of the calls."""

    name: str
    version_id: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    created: float = 0.0
    modified: float = 0.0


class Published(Generic[T]):
    """The versions and aliases of one owner, whose name the refusals say; to be used under its lock."""

    def __init__(self, owner: str) -> None:
        """Hold nothing yet; the first version is number 1."""
        self._owner = owner
        self._number = 0
        # What the owner was when its newest version was published.
        self._mark: Hashable = None
        self.versions: dict[str, Version[T]] = {}
        self.aliases: dict[str, Alias] = {}

    def next_id(self, mark: Hashable) -> str:
        """Return the number of the next version; refuses where nothing has changed since the last one."""
        if self.versions and mark == self._mark:
            why = "detail: 'No changes were made since last publish'"
            raise FcError(400, "VersionPublishError", f"can not publish version for {self._owner}, {why}")
        self._mark = mark
        self._number += 1
        return str(self._number)

    def keep(self, version: Version[T]) -> Version[T]:
        """Keep a version under its number."""
        self.versions[version.version_id] = version
        return version

    def unpublish(self, version_id: str) -> None:
        """Remove a version that no alias names; one that is not there is no error."""
        users = [
            each.name for each in self.aliases.values() if version_id in {each.version_id, *each.weights}
        ]
        if users:
            message = f"version {version_id} of {self._owner} is named by alias {', '.join(users)}"
            raise FcError(409, "VersionInUse", message)
        self.versions.pop(version_id, None)

    def put_alias(self, alias: Alias, now: float, *, new: bool) -> Alias:
        """Make or change an alias; the versions that it names have to be there."""
        known = self.aliases.get(alias.name)
        if new and known is not None:
            raise FcError(409, "AliasAlreadyExists", f"alias '{alias.name}' of {self._owner} already exists")
        if not new:
            known = self.alias(alias.name)
        for version_id in (alias.version_id, *alias.weights):
            if version_id not in {LATEST, *self.versions}:
                raise FcError(
                    404, "VersionNotFound", f"version '{version_id}' of {self._owner} does not exist"
                )
        kept = replace(alias, created=known.created if known else now, modified=now)
        self.aliases[alias.name] = kept
        return kept

    def alias(self, name: str) -> Alias:
        """Return an alias, or refuse with 404."""
        found = self.aliases.get(name)
        if found is None:
            raise FcError(404, "AliasNotFound", f"alias '{name}' of {self._owner} does not exist")
        return found

    def chosen(self, qualifier: str, rng: random.Random) -> Version[T] | None:
        """Return what a call by this qualifier gets; None is what is there now. Refuses with 404."""
        alias = self.aliases.get(qualifier)
        version_id = _drawn(alias, rng) if alias else qualifier
        if version_id == LATEST:
            return None
        found = self.versions.get(version_id)
        if found is None:
            raise FcError(404, "VersionNotFound", f"qualifier '{qualifier}' of {self._owner} does not exist")
        return found

    def left(self) -> list[str]:
        """Return the versions and aliases that keep the owner from being deleted."""
        return [*self.versions, *self.aliases]


def listed(versions: Iterable[Version[T]], direction: str) -> list[Version[T]]:
    """Return versions in the order that a list asks for: newest first, unless it says FORWARD."""
    found = list(versions)
    return found if direction == "FORWARD" else found[::-1]


def _drawn(alias: Alias, rng: random.Random) -> str:
    draw = rng.random()
    for version_id, weight in alias.weights.items():
        if draw < weight:
            return version_id
        draw -= weight
    return alias.version_id
