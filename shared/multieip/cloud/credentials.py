"""Where the keys come from: the call's context, the environment, and on a laptop the vendor's chain."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from multieip.dataclass import dataclass, field
from multieip.errors import CredentialsError, RefusedError, TokenEndedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Api, Invoker, Json, Product

_ENDED: Final = frozenset({"InvalidSecurityToken.Expired", "SecurityTokenExpired", "SecurityToken.Expired"})

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; `token` is empty for a long-lived one."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, str, str]:
        """What must be told nowhere."""
        return self.key_id, self.secret, self.token


class Keyring:
    """The keys of one invocation. What the cloud says has ended is not given out again.

    The context's keys are of this call; the environment's are as old as the instance, which may live for
    days. Python 3.12's context has none, so the environment serves there.
    """

    def __init__(self, environ: Mapping[str, str], context: object | None = None) -> None:
        """Nothing is looked for before the first call."""
        self._environ = environ
        self._context = context
        self._ended: set[Credentials] = set()
        self._given: Credentials | None = None

    def __call__(self) -> Credentials:
        """Return the first complete key that has not ended; raises `CredentialsError` where there is none."""
        found = self._first()
        if found is None:
            raise CredentialsError(_missing(self._environ))
        self._given = found
        return found

    def renew(self) -> bool:
        """Give up the key given last, and say whether there is another one."""
        if self._given is not None:
            self._ended.add(self._given)
        return self._first() is not None

    def _first(self) -> Credentials | None:
        for place in (self._of_the_call, self._of_the_environment, self._of_the_chain):
            found = place()
            if found is not None and found not in self._ended:
                return found
        return None

    def _of_the_call(self) -> Credentials | None:
        return _from_context(self._context)

    def _of_the_environment(self) -> Credentials | None:
        return _from_environment(self._environ)

    def _of_the_chain(self) -> Credentials | None:
        # In a function it would ask the metadata of a machine that is not ours, and wait.
        return None if _in_function(self._environ) else _from_chain()


def find_credentials(environ: Mapping[str, str], context: object | None = None) -> Credentials:
    """Return the first complete key; raises `CredentialsError` where there is none."""
    return Keyring(environ, context)()


class RenewingApi:
    """An `Api` that tries a call again with fresher keys when those it was signed with have ended."""

    def __init__(self, api: Api, keyring: Keyring) -> None:
        """Take an API that gets its keys from the same ring."""
        self._api = api
        self._keyring = keyring

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`; raises `TokenEndedError` where no fresher keys are found."""
        return _renewed(self._keyring, lambda: self._api.call(product, action, params))


class RenewingInvoker:
    """An `Invoker` of the same kind."""

    def __init__(self, invoker: Invoker, keyring: Keyring) -> None:
        """Take an invoker that gets its keys from the same ring."""
        self._invoker = invoker
        self._keyring = keyring

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`; raises `TokenEndedError` where no fresher keys are found."""
        return _renewed(self._keyring, lambda: self._invoker.start(function, payload, task_id=task_id))


def _renewed(keyring: Keyring, call: Callable[[], _T]) -> _T:
    """Repeat a call that was refused for its keys: it was refused before it did anything."""
    try:
        return call()
    except RefusedError as refusal:
        if refusal.code not in _ENDED:
            raise
        if not keyring.renew():
            raise TokenEndedError(
                f"the keys of this invocation ended in the middle of the run ({refusal}); "
                "the next one gets fresh keys and goes on from what it then reads"
            ) from refusal
    return _renewed(keyring, call)


def _from_environment(environ: Mapping[str, str]) -> Credentials | None:
    key_id = environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID", "")
    secret = environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "")
    if not (key_id and secret):
        return None
    return Credentials(key_id, secret, environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""))


def _from_context(context: object | None) -> Credentials | None:
    found: Any = getattr(context, "credentials", None)
    key_id = getattr(found, "access_key_id", "") or ""
    secret = getattr(found, "access_key_secret", "") or ""
    if not (key_id and secret):
        return None
    return Credentials(key_id, secret, getattr(found, "security_token", "") or "")


def _from_chain() -> Credentials | None:
    try:
        from alibabacloud_credentials.exceptions import CredentialException
    except ModuleNotFoundError:
        return None
    try:
        found = _chain_client().get_credential()
    except CredentialException:
        return None
    return Credentials(found.access_key_id, found.access_key_secret, found.security_token or "")


@cache
def _chain_client() -> Any:
    """Return the one client of the chain, which keeps what it found and renews it in time."""
    from alibabacloud_credentials.client import Client

    return Client()


def _in_function(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("FC_FUNCTION_NAME") or environ.get("FC_FUNC_CODE_PATH"))


def _missing(environ: Mapping[str, str]) -> str:
    name = environ.get("FC_FUNCTION_NAME", "")
    if _in_function(environ):
        return (
            f"no keys came with the call: the function {name or 'itself'} has no role. Set its `role` in "
            "s.yaml, by DEPLOY_REACT_ROLE, DEPLOY_BIND_ROLE or DEPLOY_SWEEP_ROLE, to one that Function "
            "Compute may assume, and deploy again"
        )
    return (
        "no keys to call the cloud with: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET, or install the extra `laptop` and keep a profile where the "
        "vendor's tools look for it"
    )
