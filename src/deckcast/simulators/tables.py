"""Values from a TOML or JSON table, checked against the fields of a dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints


def checked(form: type[Any], values: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The values as `form` takes them; raises ValueError in words for a name or a value that it has not."""
    kinds = get_type_hints(form)
    unknown = set(values) - {item.name for item in fields(form)}
    if unknown:
        raise ValueError(f"{what} has no {', '.join(sorted(unknown))}.")
    return {name: _value(name, kinds[name], value) for name, value in values.items()}


def _value(name: str, kind: Any, value: Any) -> Any:
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
        raise ValueError(f"{name} is one of {', '.join(get_args(kind))}, not {value!r}.")
    if get_origin(kind) is tuple:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(_value(name, get_args(kind)[0], item) for item in items)
    if isinstance(kind, UnionType):  # something or None
        wanted = next(part for part in get_args(kind) if part is not NoneType)
        return None if value is None else _value(name, wanted, value)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and numeric:
        return float(value)
    if type(value) is kind:
        return value
    raise ValueError(f"{name} is a {kind.__name__}, not {value!r}.")
