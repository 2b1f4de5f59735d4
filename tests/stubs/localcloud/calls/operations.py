"""Actions as data: name, parameters, permission, whether it writes, and the function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from localcloud.calls.params import CLIENT_TOKEN, Arguments, Param
from localcloud.physics.transitions import Stay

if TYPE_CHECKING:
    from localcloud.accounts.identity import Account, Identity
    from localcloud.calls.context import Context
    from localcloud.state.region import RegionState

Json = dict[str, Any]
ProductName = Literal["Ecs", "Vpc", "Sts", "Location", "Ram", "ResourceManager"]


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call of an action."""

    cloud: Context
    operation: Operation
    identity: Identity
    region_id: str
    args: Arguments
    request_id: str
    permitted: bool = True
    host: str = ""

    @property
    def account(self) -> Account:
        """Whose call it is."""
        return self.identity.account

    @property
    def state(self) -> RegionState:
        """What the account has in the call's region."""
        return self.cloud.state(self.account.account_id, self.region_id)

    def stay(self, change: str) -> Stay:
        """How long the change that this call starts takes, by the profile and the faults that strike it."""
        seconds = self.cloud.profile.duration(change)
        faults, name = self.cloud.faults, self.operation.name
        if not faults.all:
            return Stay(seconds)
        if faults.strike(name, "stuck", args=self.args) is not None:
            return Stay(seconds, stuck=True)
        lingers = faults.strike(name, "lingers", args=self.args)
        return Stay(seconds) if lingers is None else Stay(lingers.seconds(180), timed=True)

    def falls_back(self) -> bool:
        """Whether the change that this call starts is to end where it began."""
        return self.cloud.faults.strike(self.operation.name, "falls-back", args=self.args) is not None


Handler = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Operation:
    """One action of one product."""

    product: ProductName
    name: str
    handler: Handler
    params: tuple[Param, ...] = ()
    write: bool = False
    idempotent: bool = False
    denied: Literal["refuse", "empty", "free"] = "refuse"
    # The same parameters by name, and those without which the call is refused.
    by_name: Mapping[str, Param] = field(init=False, repr=False)
    required: tuple[Param, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the parameters once, not with every call."""
        object.__setattr__(self, "by_name", {each.name: each for each in self.params})
        # A read that names no region is about that of the host it came to; scanners rely on it.
        asked_of = (each for each in self.params if each.required and (self.write or each.name != "RegionId"))
        object.__setattr__(self, "required", tuple(asked_of))

    @property
    def permission(self) -> str:
        """The RAM action."""
        # ResourceManager's calls about roles are RAM's to permit.
        code = "ram" if self.product == "ResourceManager" else self.product.lower()
        return f"{code}:{self.name}"


@dataclass(slots=True)
class Product:
    """One product behind the gateway: its version, default format and actions."""

    name: ProductName
    version: str
    hosts: tuple[str, ...]
    default_format: Literal["JSON", "XML"]
    actions: dict[str, Operation] = field(default_factory=dict)

    def reads(
        self, name: str, *params: Param, denied: Literal["refuse", "empty", "free"] = "refuse"
    ) -> Callable[[Handler], Handler]:
        """Register the decorated function as an action that changes nothing."""
        return self._register(name, params, write=False, idempotent=False, denied=denied)

    def writes(self, name: str, *params: Param, idempotent: bool = False) -> Callable[[Handler], Handler]:
        """Register the decorated function as a change; `idempotent` ones know ClientToken."""
        if idempotent:
            params = (*params, CLIENT_TOKEN)
        return self._register(name, params, write=True, idempotent=idempotent, denied="refuse")

    def _register(
        self,
        name: str,
        params: tuple[Param, ...],
        *,
        write: bool,
        idempotent: bool,
        denied: Literal["refuse", "empty", "free"],
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.actions[name] = Operation(self.name, name, handler, params, write, idempotent, denied)
            return handler

        return register


VPC = Product("Vpc", "2016-04-28", ("vpc", "eip"), "JSON")
ECS = Product("Ecs", "2014-05-26", ("ecs", "ecs-openapi"), "XML")
STS = Product("Sts", "2015-04-01", ("sts",), "XML")
LOCATION = Product("Location", "2015-06-12", ("location", "location-readonly"), "XML")
RAM = Product("Ram", "2015-05-01", ("ram",), "XML")
RESOURCE_MANAGER = Product("ResourceManager", "2020-03-31", ("resourcemanager",), "XML")

PRODUCTS: tuple[Product, ...] = (VPC, ECS, STS, LOCATION, RAM, RESOURCE_MANAGER)
