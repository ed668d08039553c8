"""Pages: templates filled in with what people read, German by default, English by one catalogue of words."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from billing.calendar import BERLIN
from desk import words
from desk.console import german
from desk.contract_words import pieces
from desk.web.access import Person, Right, csrf_of, desk_of, secret_of
from desk.web.english import ENGLISH

HERE = Path(__file__).parent
STATIC = HERE / "static"
FLASH = "rechnungsbote-gesagt"
LANGUAGE = "rechnungsbote-sprache"
LANGUAGES = ("de", "en")
SAID_SECONDS = 60
UNDOING = ("/rechnungen/", "/vertraege/")
"""Where something can be undone."""
TECHNICAL = frozenset({"key", "external_id", "sha256", "codes"})


@lru_cache(maxsize=2)
def templates(language: str) -> Environment:
    """The pages in a language."""
    found = Environment(
        loader=FileSystemLoader(HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {"german": german, "euro": euro, "moment": moment, "machine": machine}
    filters |= {
        "pieces": pieces,
        "event": words.event,
        "told": told,
        "effect": _named(words.EFFECTS),
        "state": _named(words.STATES),
        "role": _named(words.ROLES),
        "paper": words.paper,
    }
    found.filters.update(filters)
    found.globals |= {"t": in_language(language), "asset": asset, "Right": Right, "language": language}
    return found


def page(
    request: Request,
    person: Person | None,
    name: str,
    values: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    secret: str = "",
) -> HTMLResponse:
    """A whole page, or a part of one, for a person; before signing in for whoever looks.

    `secret` is what the forms are sealed with where the browser has just been given it.
    """
    language = language_of(request, person)
    said, _, undo = unquote(request.cookies.get(FLASH, "")).partition("|")
    own = {
        "person": person,
        "csrf": csrf_of(secret or secret_of(request)),
        "said": said,
        "undo": undo if undo.startswith(UNDOING) else "",
        "path": request.url.path,
        "here": asked_for(request),
        "today": desk_of(request).clock.today(),
        "has_times": _has(request, person, "times"),
        "has_contracts": _has(request, person, "contracts"),
        "waiting": partial(_waiting, request, person),
    }
    answer = HTMLResponse(templates(language).get_template(name).render({**own, **(values or {})}), status)
    if FLASH in request.cookies:
        answer.delete_cookie(FLASH)
    return answer


def asked_for(request: Request) -> str:
    """The address that was asked for on this desk, with its query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def go(request: Request, to: str, said: str = "", undo: str = "") -> RedirectResponse:
    """Lead on after a form, with a sentence about what was done and the place where it can be undone."""
    answer = RedirectResponse(to, 303)
    if said:
        secure = desk_of(request).is_secure
        value = quote(f"{said}|{undo}")
        answer.set_cookie(FLASH, value, max_age=SAID_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer


def language_of(request: Request, person: Person | None) -> str:
    """The person's language, before signing in that of the browser's cookie; German where nothing is said."""
    wanted = person.language if person else request.cookies.get(LANGUAGE, "")
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def in_language(language: str) -> Callable[[str], str]:
    """`t("Rechnung")`: the German words themselves, or what the catalogue says for them."""
    catalogue = ENGLISH if language == "en" else {}
    return lambda text: catalogue.get(text, text)


def asset(name: str) -> str:
    """The address of a file of ours, with its content's mark: browsers may keep it as long as it does not change."""
    return f"/static/{name}?{_mark(name)}"


def euro(amount: Decimal | None) -> Markup:
    """12.345,67 € in one piece; nothing for no amount."""
    return Markup("") if amount is None else Markup("%s&nbsp;€") % german(amount)


def moment(value: datetime) -> Markup:
    """An instant as `<time>`, to the minute in Berlin."""
    return Markup('<time datetime="%s">%s</time>') % (value.isoformat(), german(value))


def told(facts: Mapping[str, object]) -> str:
    """What an entry of the journal knows, for people: without signs that only the program needs."""
    plain = {name: value for name, value in facts.items() if name not in TECHNICAL and (name, value) != ("attempt", 1)}
    return words.facts(plain)


def machine(value: date | datetime) -> str:
    """A day or instant as machines read it."""
    local = value.astimezone(BERLIN) if isinstance(value, datetime) else value
    return local.isoformat()


def _has(request: Request, person: Person | None, section: str) -> bool:
    """Whether one of the person's clients has that section in its file."""
    own = [
        loaded.config for loaded in desk_of(request).house.clients if person and loaded.config.name in person.clients
    ]
    return any(getattr(config, section) for config in own)


def _waiting(request: Request, person: Person | None) -> int:
    """How many things wait in the person's inbox; asked only by pages that show it."""
    desk = desk_of(request)
    if person is None:
        return 0
    with desk.house.ledger.reading() as session:
        return desk.waiting.of(session, person.clients, desk.clock.today())


def _named(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: names.get(name, name)


@lru_cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
