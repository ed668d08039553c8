"""Keeps secrets out of logs: by the name of a key, by registered values, and by the shape of what stands in a text."""

import re
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from config.problems import looks_secret, without_login

STARS = "***"

_HIDDEN_NAMES = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "headers", "body", "credentials")
)
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CREDENTIALS = re.compile(r"\b(Bearer|Basic|Token) +[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_SHORTEST_IBAN = 15
_DEEPEST = 12

Processor = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]


def redactor(secrets: Collection[str]) -> Processor:
    """A structlog processor that redacts whole events; `secrets` may grow while the program runs.

    It belongs after the processor that turns exceptions into text and right before the one that renders.
    """

    def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        spellings = _spellings(secrets)
        return {name: _named(name, value, spellings, 0) for name, value in event.items()}

    return redact_event


def redact(value: object, secrets: Collection[str] = ()) -> object:
    """The value without secrets, recursively; what holds none is returned as it is."""
    return _redact(value, _spellings(secrets), 0)


def _redact(value: object, spellings: list[str], depth: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth > _DEEPEST:
        return STARS
    if isinstance(value, str):
        return _text(value, spellings)
    if isinstance(value, Mapping):
        return {
            _redact(name, spellings, depth + 1): _named(name, item, spellings, depth) for name, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact(item, spellings, depth + 1) for item in value]
    return _other(value, spellings)


def _named(name: object, value: object, spellings: list[str], depth: int) -> object:
    key = str(name).lower()
    if value is not None and (looks_secret(key) or key in _HIDDEN_NAMES):
        return STARS
    if value is not None and key.endswith("iban"):
        return _last_four(str(value))
    return _redact(value, spellings, depth + 1)


def _other(value: object, spellings: list[str]) -> object:
    """An object of any type stays what it is unless the text a renderer would make of it gives something away."""
    text = repr(value)
    redacted = _text(text, spellings)
    return value if redacted == text else redacted


def _text(text: str, spellings: list[str]) -> str:
    for spelling in spellings:
        text = text.replace(spelling, STARS)
    text = without_login(text)
    text = _CREDENTIALS.sub(rf"\1 {STARS}", text)
    return _IBAN.sub(_iban_stars, text)


def _iban_stars(match: re.Match[str]) -> str:
    return _last_four(match[0]) if len(match[0].replace(" ", "")) >= _SHORTEST_IBAN else match[0]


def _last_four(text: str) -> str:
    compact = text.replace(" ", "")
    return f"{STARS}{compact[-4:]}" if len(compact) > 8 else STARS


def _spellings(secrets: Collection[str]) -> list[str]:
    """How a secret may stand in a text: plain, in a URL, in base64. Longest first, so that no rest remains."""
    found = set()
    for secret in tuple(secrets):
        if secret:
            found |= {secret, quote(secret, safe=""), b64encode(secret.encode()).decode(), repr(secret)[1:-1]}
    return sorted(found, key=len, reverse=True)
