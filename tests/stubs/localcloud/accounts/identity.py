"""Who may call: accounts, their identities, and the keys that prove them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from localcloud.accounts.policies import Asked, Policies
from localcloud.errors import ApiError

if TYPE_CHECKING:
    from localcloud.accounts.roles import ManagedPolicy, Role
    from localcloud.physics.ids import IdSource

IdentityKind = Literal["root-account", "ram-user", "assumed-role"]


@dataclass(slots=True)
class Account:
    """One customer. `multi_bound` says whether the multi-EIP mode was ever granted to it."""

    account_id: str
    multi_bound: bool = True
    eip_quota: int = 20
    eni_quota: int = 100
    # Commands a day, and commands kept: what DescribeAccountAttributes calls max-axt-….
    invocation_quota: int = 20_000
    command_quota: int = 500
    # Roles that services made for themselves: service to the role's name.
    service_linked: dict[str, str] = field(default_factory=dict)
    # What RAM's API made: roles by their names in small letters, policies by theirs.
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or role of an account, and what it was granted.

    Who assumes a role may narrow it for the session: both then have to allow a call.
    """

    account: Account
    kind: IdentityKind
    name: str
    principal_id: str
    session: str = ""
    granted: Policies = field(default_factory=Policies)
    narrowed: Policies = field(default_factory=Policies)

    @property
    def arn(self) -> str:
        """The ARN that GetCallerIdentity answers."""
        account = self.account.account_id
        if self.kind == "root-account":
            return f"acs:ram::{account}:root"
        if self.kind == "ram-user":
            return f"acs:ram::{account}:user/{self.name}"
        return f"acs:ram::{account}:assumed-role/{self.name}/{self.session}"

    @property
    def unlimited(self) -> bool:
        """Whether there is no policy to look at."""
        return self.granted.everything and self.narrowed.everything

    def may(self, asked: Asked) -> bool:
        """Whether the identity's policies allow what a call wants to do."""
        return self.granted.allow(asked) and self.narrowed.allow(asked)


@dataclass(slots=True)
class AccessKey:
    """A key pair; temporary ones carry a token and an end."""

    key_id: str
    secret: str
    identity: Identity
    active: bool = True
    token: str = ""
    expires: datetime | None = None


@dataclass(slots=True)
class Keyring:
    """All keys of the cloud."""

    ids: IdSource
    _keys: dict[str, AccessKey] = field(default_factory=dict)

    def add(self, key: AccessKey) -> AccessKey:
        """Make a key known."""
        self._keys[key.key_id] = key
        return key

    def find(self, key_id: str) -> AccessKey:
        """Return the active key of this id; refuse as the gateway does."""
        key = self._keys.get(key_id)
        if key is None:
            raise ApiError("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if not key.active:
            raise ApiError("InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
        return key

    def issue(self, identity: Identity, now: datetime, seconds: int) -> AccessKey:
        """Temporary credentials for an assumed role."""
        return self.add(
            AccessKey(
                key_id=f"STS.NU{self.ids.token(22)}",
                secret=self.ids.token(44),
                identity=identity,
                token=f"CAIS{self.ids.token(120)}",
                expires=now + timedelta(seconds=seconds),
            )
        )

    def check_token(self, key: AccessKey, token: str, now: datetime, status: int) -> None:
        """Refuse a token that is missing, foreign, malformed or old."""
        if key.token and not token:
            raise ApiError("MissingSecurityToken", "SecurityToken is mandatory for this action.", status)
        if not token:
            return
        if not token.startswith("CAIS"):
            message = "Specified SecurityToken is malformed."
            raise ApiError("InvalidSecurityToken.Malformed", message, status)
        if token != key.token:
            message = "Specified SecurityToken mismatch with the AccessKey."
            raise ApiError("InvalidSecurityToken.MismatchWithAccessKey", message, status)
        if key.expires is not None and now >= key.expires:
            raise ApiError("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.", status)
