"""Roles and policies that were made by RAM's API: who may take a role on, and what it was granted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud.accounts.policies import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

FUNCTION_COMPUTE = "fc.aliyuncs.com"
"""Who takes on the roles of functions."""


@dataclass(slots=True)
class Role:
    """One role; `attached` are the names of the policies that it was granted, in their order."""

    name: str
    role_id: str
    trust: str
    created: datetime
    description: str = ""
    session_s: int = 3600
    attached: dict[str, datetime] = field(default_factory=dict)

    def trusts(self, principal: str) -> bool:
        """Whether a service, or an account by the ARN of its root, may take the role on."""
        return any(principal in each for each in read_trust(self.trust))


@dataclass(slots=True)
class ManagedPolicy:
    """One policy of the account's own."""

    name: str
    document: str
    created: datetime
    description: str = ""


def read_trust(document: str) -> Iterator[frozenset[str]]:
    """Yield the principals of each statement that lets a role be taken on; raises PolicyError."""
    try:
        found = json.loads(document)
    except ValueError as error:
        raise PolicyError(f"a trust policy is a JSON document: {error}") from error
    statements = found.get("Statement") if isinstance(found, Mapping) else None
    if not isinstance(statements, list) or not statements:
        raise PolicyError('a trust policy is an object with "Version" and a list "Statement"')
    for each in statements:
        principal = each.get("Principal") if isinstance(each, Mapping) else None
        if not isinstance(principal, Mapping) or each.get("Action") != "sts:AssumeRole":
            raise PolicyError('a statement of a trust policy has a "Principal" and the Action sts:AssumeRole')
        if each.get("Effect") == "Allow":
            yield frozenset(name for kind in ("Service", "RAM") for name in principal.get(kind, ()))
