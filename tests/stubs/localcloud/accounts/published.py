"""The accounts of a local cloud and the keys that are published for them.

None of these keys is a secret: they open nothing but the local cloud.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud.accounts.identity import AccessKey, Account, Identity, Keyring
from localcloud.accounts.policies import Policies
from localcloud.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from localcloud.accounts.policies import Document
    from localcloud.physics.ids import IdSource

MAIN_ACCOUNT = "1234567890123456"
OTHER_ACCOUNT = "6543210987654321"

_ROLE = re.compile(r"^acs:ram::(?P<account>\d+):role/(?P<name>[A-Za-z0-9._-]+)$")


class Accounts:
    """One account that was granted the multi-EIP mode, and one that was not."""

    def __init__(self, ids: IdSource) -> None:
        """Make both, each with the keys of its root, and of a RAM user."""
        self.keys = Keyring(ids)
        self.main = Account(MAIN_ACCOUNT)
        self.other = Account(OTHER_ACCOUNT, multi_bound=False)
        self._roles: dict[str, Policies] = {}
        self.root_key = self._key("LTAI5tLocalRoot000000001", "main-root-secret", self._root(self.main))
        self.user_key = self.add_user("alice", "LTAI5tLocalUser000000001", "main-user-secret")
        other = Identity(self.other, "ram-user", "mallory", "200000000000000002")
        self.other_root_key = self._key(
            "LTAI5tLocalRoot000000002", "other-root-secret", self._root(self.other)
        )
        self.other_key = self._key("LTAI5tLocalUser000000002", "other-user-secret", other)

    @staticmethod
    def _root(account: Account) -> Identity:
        return Identity(account, "root-account", "root", account.account_id)

    def _key(self, key_id: str, secret: str, identity: Identity) -> AccessKey:
        return self.keys.add(AccessKey(key_id, secret, identity))

    def add_user(self, name: str, key_id: str, secret: str, *, allow: Sequence[str] = ("*",)) -> AccessKey:
        """Add a RAM user of the first account, with a policy of allowed actions."""
        principal = f"2{abs(hash_of(name)) % 10**17:017d}"
        granted = Policies.of_actions(allow)
        return self._key(key_id, secret, Identity(self.main, "ram-user", name, principal, granted=granted))

    def grant(self, role: str, *documents: Document) -> None:
        """Give a role of the first account these policies and no other; `role` is its name or ARN.

        A role that nothing was ever granted to may do everything, one that was granted no document nothing.
        Keys that are out already are judged by the new ones. Raises PolicyError, a ValueError, where a
        document holds what the local cloud cannot judge.
        """
        match = _ROLE.match(role)
        if match and match["account"] != MAIN_ACCOUNT:
            raise ValueError(f"{role}: only roles of account {MAIN_ACCOUNT} are granted policies")
        arn = match[0] if match else f"acs:ram::{MAIN_ACCOUNT}:role/{role}"
        self._policies(arn).replace(documents)

    def give(self, account: Account, role: str, documents: Sequence[Document]) -> None:
        """Let a role of an account have these policies and no other, as RAM's API does."""
        self._policies(f"acs:ram::{account.account_id}:role/{role}").replace(documents)

    def assume(
        self,
        role_arn: str,
        session: str,
        now: datetime,
        seconds: int,
        *,
        policy: Document = "",
        principal: str = "",
    ) -> AccessKey:
        """Temporary credentials for a role of either account; `policy` narrows them for this session.

        A role that RAM's API made is refused to a `principal` whom it does not trust.
        """
        match = _ROLE.match(role_arn)
        account = (
            {MAIN_ACCOUNT: self.main, OTHER_ACCOUNT: self.other}.get(match["account"]) if match else None
        )
        if match is None or account is None:
            raise ApiError("EntityNotExist.Role", f"The role not exists: {role_arn}.", 404)
        name = match["name"]
        made = account.roles.get(name.lower())
        if made is not None and principal and not made.trusts(principal):
            raise ApiError("NoPermission", f"{principal} is not trusted by the role {name}.", 403)
        principal_id = f"3{abs(hash_of(name)) % 10**17:017d}"
        identity = Identity(
            account,
            "assumed-role",
            name,
            principal_id,
            session,
            granted=self._policies(role_arn),
            narrowed=Policies([policy] if policy else None),
        )
        return self.keys.issue(identity, now, seconds)

    def _policies(self, arn: str) -> Policies:
        # RAM does not tell roles apart by case, and the deploying CLI writes their names in small letters.
        return self._roles.setdefault(arn.lower(), Policies())


def hash_of(name: str) -> int:
    """Return a number that is the same in every process."""
    return int.from_bytes(name.encode()[:16].ljust(16, b"\0"), "big")
