"""Request parameters, checked against the SDK's own parameter types so that no list is kept by hand."""

from __future__ import annotations

import sys
import types
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NotRequired, Required, Union, get_args, get_origin

import typing_extensions
from stripe._request_options import RequestOptions

from sandbox.stripe.errors import StripeError, missing_param

if TYPE_CHECKING:
    from sandbox.stripe.forms import Form
    from sandbox.stripe.values import Obj

TRANSPORT = frozenset(RequestOptions.__annotations__)


@cache
def fields_of(shape: type) -> dict[str, tuple[Any, bool]]:
    """Answer each parameter's type and whether it must be given."""
    own = {name: hint for name, hint in shape.__annotations__.items() if name not in TRANSPORT}
    holder = types.SimpleNamespace(__annotations__=own)
    hints = typing_extensions.get_type_hints(holder, vars(sys.modules[shape.__module__]), include_extras=True)
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return {name: (_bare(hint), name in required) for name, hint in hints.items()}


def check(shape: type, form: Form, *, prefix: str = "") -> Obj:
    """Answer the typed parameters, or refuse unknown, missing and malformed ones as Stripe does."""
    fields = fields_of(shape)
    for name in form:
        if name not in fields:
            unknown = _name(prefix, name)
            raise StripeError(f"Received unknown parameter: {unknown}", code="parameter_unknown", param=unknown)
    for name, (_, needed) in fields.items():
        if needed and name not in form:
            raise missing_param(_name(prefix, name))
    return {name: coerce(fields[name][0], value, _name(prefix, name)) for name, value in form.items()}


def coerce(hint: Any, value: Form | str, name: str) -> Any:
    """Turn one decoded value into what its annotation says."""
    options = _options(hint)
    if value == "":
        return _empty(options, name)
    if isinstance(value, dict):
        return _nested(options, value, name)
    return _scalar(options, value, name)


def _bare(hint: Any) -> Any:
    while get_origin(hint) in (NotRequired, Required, typing_extensions.NotRequired, typing_extensions.Required):
        hint = get_args(hint)[0]
    return hint


def _options(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return [option for arm in get_args(hint) for option in _options(arm)]
    return [hint]


def _name(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _empty(options: list[Any], name: str) -> str:
    if any(get_origin(option) is Literal and "" in get_args(option) for option in options):
        return ""
    if any(get_origin(option) is dict for option in options):
        return ""
    message = (
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value."
    )
    raise StripeError(message, code="parameter_invalid_empty", param=name)


def _nested(options: list[Any], value: Form, name: str) -> Any:
    for option in options:
        if typing_extensions.is_typeddict(option):
            return check(option, value, prefix=name)
        if get_origin(option) is list:
            inner = get_args(option)[0]
            return [coerce(inner, value[key], f"{name}[{key}]") for key in sorted(value, key=_index(name))]
    for option in options:
        if get_origin(option) is dict or "UntypedStripeObject" in str(option):
            return {key: _text(text, f"{name}[{key}]") for key, text in value.items()}
    raise StripeError(f"Invalid {_kind(options)}: {name}", param=name)


def _index(name: str) -> Any:
    def index(key: str) -> int:
        if not key.isdecimal():
            raise StripeError("Invalid array", param=name)
        return int(key)

    return index


def _text(value: Form | str, name: str) -> str:
    if isinstance(value, dict):
        raise StripeError(f"Invalid string: {name}", param=name)
    return value


def _scalar(options: list[Any], value: str, name: str) -> Any:
    choices = [str(c) for option in options if get_origin(option) is Literal for c in get_args(option) if c != ""]
    if value in choices:
        return value
    if int in options:
        return _integer(value, name)
    if bool in options:
        return _boolean(value, name)
    if float in options or Decimal in options:
        return _decimal(value, name)
    if choices:
        message = f"Invalid {name}: must be one of {_listed(choices)}"
        raise StripeError(message, param=name)
    if str in options:
        return value
    if any(get_origin(option) is list for option in options):
        raise StripeError("Invalid array", param=name)
    raise StripeError("Invalid object", param=name)


def _integer(value: str, name: str) -> int:
    if not value.removeprefix("-").isdecimal():
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def _boolean(value: str, name: str) -> bool:
    if value not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=name)
    return value == "true"


def _decimal(value: str, name: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise StripeError(f"Invalid decimal: {value}", code="parameter_invalid_decimal", param=name) from None
    if not number.is_finite() or "e" in value.lower():
        raise StripeError(f"Invalid decimal: {value}", code="parameter_invalid_decimal", param=name)
    return value


def _kind(options: list[Any]) -> str:
    return "integer" if int in options else "string"


def _listed(choices: list[str]) -> str:
    *head, last = sorted(choices)
    return f"{', '.join(head)}, or {last}" if head else last
