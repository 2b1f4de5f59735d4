"""The standard library's `dataclass`, `field`, `fields` and `replace`, at a small part of their cost.

A cold start imports every class of a run, and the standard library generates the source of six methods
for each (1.3 ms), after it has loaded `inspect`, `ast` and `dis` (a twelfth of what the whole core of the
vendor's SDK costs). Here the methods are shared, and `__init__` is generated when the first value is made.
Type checkers see the standard library's own; a test holds both to the same behaviour in what is supported:
`frozen`, `slots`, `eq`, defaults, `default_factory`, `repr`, `metadata`, `__post_init__`, and classes over
another.
"""

from __future__ import annotations

from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MISSING: Any = object()
_OWN = "__dataclass_own_fields__"
_VALUES = "_dataclass_values"


class Field:
    """One field of a class, with the names that the standard library gives its parts."""

    __slots__ = ("default", "default_factory", "metadata", "name", "repr")

    def __init__(
        self, default: Any, default_factory: Any, metadata: Mapping[str, Any], *, show: bool
    ) -> None:
        """Leave the name to the class that is made."""
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.metadata = metadata
        self.repr = show


def _field(
    *,
    default: Any = _MISSING,
    default_factory: Any = _MISSING,
    repr: bool = True,  # noqa: A002  the standard library's name
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    return Field(default, default_factory, metadata or {}, show=repr)


def _dataclass(
    cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True
) -> Any:
    def make(plain: type) -> type:
        return _made(plain, frozen=frozen, slots=slots, eq=eq)

    return make if cls is None else make(cls)


def _made(plain: type, *, frozen: bool, slots: bool, eq: bool) -> type:
    inherited: dict[str, Field] = {}
    for base in plain.__mro__[-1:0:-1]:
        inherited |= getattr(base, _OWN, {})
    own = _own_fields(plain)
    every = {**inherited, **own}
    namespace = {
        name: value for name, value in plain.__dict__.items() if name not in {"__dict__", "__weakref__"}
    }
    for name, spec in own.items():
        namespace.pop(name, None)
        if not slots and spec.default is not _MISSING:
            namespace[name] = spec.default
    methods: dict[str, Any] = {_OWN: every, "__dataclass_fields__": _StandardFields(), "__repr__": _repr}
    methods["__match_args__"] = tuple(every)
    if slots:
        methods["__slots__"] = tuple(name for name in own if name not in inherited)
    methods[_VALUES] = staticmethod(_values_of(tuple(every)))
    if eq:
        methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
    if frozen:
        methods |= {"__setattr__": _frozen, "__delattr__": _frozen}
        methods |= {"__getstate__": _getstate, "__setstate__": _setstate} if slots else {}
    namespace |= {name: value for name, value in methods.items() if not _written_by_hand(plain, name)}
    made = type(plain)(plain.__name__, plain.__bases__, namespace)
    made.__qualname__ = plain.__qualname__
    made.__init__ = _until_the_first(made, every, frozen=frozen)  # type: ignore[misc]
    return made


def _written_by_hand(plain: type, name: str) -> bool:
    # A class body with __eq__ gets `__hash__ = None` from Python itself.
    return name in plain.__dict__ and not (name == "__hash__" and "__eq__" in plain.__dict__)


def _own_fields(plain: type) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for name, annotation in plain.__dict__.get("__annotations__", {}).items():  # noqa: RUF063  3.10
        if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
            continue
        given = plain.__dict__.get(name, _MISSING)
        spec = given if isinstance(given, Field) else Field(given, _MISSING, {}, show=True)
        spec.name = name
        found[name] = spec
    return found


def _until_the_first(made: type, every: Mapping[str, Field], *, frozen: bool) -> Callable[..., None]:
    """Return an `__init__` that puts the generated one in its place and calls it."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        generated = _generated_init(made, every, frozen=frozen)
        generated.__qualname__ = f"{made.__qualname__}.__init__"
        made.__init__ = generated  # type: ignore[misc]
        generated(self, *args, **kwargs)

    return __init__


def _generated_init(made: type, every: Mapping[str, Field], *, frozen: bool) -> Any:
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": _MISSING}
    head, body = ["self"], []
    for name, spec in every.items():
        value = name
        if spec.default_factory is not _MISSING:
            known[f"_make_{name}"] = spec.default_factory
            head.append(f"{name}=_missing")
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif spec.default is not _MISSING:
            known[f"_default_{name}"] = spec.default
            head.append(f"{name}=_default_{name}")
        else:
            head.append(name)
        body.append(_assigned(made, name, value, known) if frozen else f"self.{name} = {value}")
    if hasattr(made, "__post_init__"):
        body.append("self.__post_init__()")
    source = f"def __init__({', '.join(head)}):\n    " + "\n    ".join(body or ["pass"])
    exec(source, known)  # noqa: S102  names of fields of our own classes
    return known["__init__"]


def _assigned(made: type, name: str, value: str, known: dict[str, Any]) -> str:
    """Return the statement that sets a field past `__setattr__`; a slot needs no look-up of its name."""
    slot = getattr(made, name, None)
    if not isinstance(slot, MemberDescriptorType):
        return f"_set(self, {name!r}, {value})"
    known[f"_set_{name}"] = slot.__set__
    return f"_set_{name}(self, {value})"


def _values_of(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    """Return what gives the values of these fields; `attrgetter` gives that of one by itself."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _eq(self: Any, other: object) -> Any:
    values = self._dataclass_values
    if other.__class__ is not self.__class__:
        return NotImplemented
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(self._dataclass_values(self))


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, spec in getattr(self, _OWN).items() if spec.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _frozen(self: object, name: str, *_: object) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415

    raise FrozenInstanceError(f"{name!r} of {type(self).__name__} cannot be changed or deleted")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in getattr(self, _OWN)]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(getattr(self, _OWN), state, strict=True):
        object.__setattr__(self, name, value)


class _StandardFields:
    """Makes `dataclasses.fields`, `.replace` and `.asdict` work, for whoever has paid for that module."""

    def __get__(self, _: object, owner: type) -> dict[str, Any]:
        import dataclasses  # noqa: PLC0415

        standard = dataclasses.make_dataclass(
            owner.__name__, [(spec.name, Any, _standard(spec)) for spec in getattr(owner, _OWN).values()]
        )
        return standard.__dataclass_fields__  # type: ignore[attr-defined,no-any-return]


def _standard(spec: Field) -> Any:
    import dataclasses  # noqa: PLC0415

    given = {"default": spec.default, "default_factory": spec.default_factory}
    kept: dict[str, Any] = {name: value for name, value in given.items() if value is not _MISSING}
    return dataclasses.field(**kept, repr=spec.repr, metadata=spec.metadata)


def _fields(described: Any) -> tuple[Field, ...]:
    return tuple(getattr(described, _OWN).values())


def _replace(value: Any, /, **changes: Any) -> Any:
    kept = dict(zip(getattr(value, _OWN), getattr(value, _VALUES)(value), strict=True))
    return type(value)(**kept | changes)


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import fields as fields
    from dataclasses import replace as replace
else:
    dataclass, field, fields, replace = _dataclass, _field, _fields, _replace
