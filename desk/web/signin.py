"""Signing in and out: name and password, the second factor, and the brake on guesses."""

import secrets
from typing import Annotated
from urllib.parse import quote, urlsplit

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from config.problems import ConfigError
from desk.web import passwords
from desk.web.access import FORM, SESSION, NotSignedIn, Person, Right, desk_of, hashed, require
from desk.web.pages import asked_for, go, page
from desk.web.vault import vault_in
from ledger import accounts, recovery_codes
from ledger.account_tables import AccountRow
from ledger.accounts import SignedIn

router = APIRouter()
log = structlog.get_logger()

Anybody = Annotated[Person, Depends(require(Right.ACCOUNT))]
Text = Annotated[str, Form()]

WRONG = "Name oder Passwort stimmt nicht."
WRONG_CODE = "Der Code stimmt nicht oder wurde schon benutzt."
UNREADABLE = "Der zweite Faktor lässt sich gerade nicht prüfen. Bitte beim Betreiber melden."
BRAKED = "Zu viele Versuche. Bitte eine Viertelstunde warten."


@router.get("/anmelden")
def ask(request: Request, weiter: str = "/") -> Response:
    """The form of signing in."""
    return _form(request, weiter)


@router.post("/anmelden")
def sign_in(request: Request, name: Text = "", password: Text = "", weiter: Text = "/") -> Response:
    """Judge name and password; the answer is the same whatever was wrong."""
    desk, address = desk_of(request), address_of(request)
    now, ledger = desk.clock.now(), desk.house.ledger
    plain = name.strip().lower()
    with ledger.reading() as session:
        is_braked = accounts.is_braked(session, plain, address, now)
        account = accounts.find(session, plain)
    if is_braked:
        return _form(request, weiter, BRAKED, 429, name)
    is_right = passwords.is_right(account.password_hash if account else None, password)
    if not may_know(request, plain, is_right=is_right):
        return _form(request, weiter, BRAKED, 429, name)
    if account is None or not is_right:
        return _form(request, weiter, WRONG, 401, name)
    return _welcome(request, account, weiter)


@router.get("/anmelden/code")
def ask_code(request: Request, weiter: str = "/") -> Response:
    """The form of the second factor."""
    _half(request)
    return _code_form(request, weiter)


@router.post("/anmelden/code")
def give_code(request: Request, code: Text = "", weiter: Text = "/") -> Response:
    """Judge the app's code or a recovery code: each is good once."""
    found, desk, address = _half(request), desk_of(request), address_of(request)
    now, ledger = desk.clock.now(), desk.house.ledger
    with ledger.writing() as session:
        if accounts.is_braked(session, found.account.name, address, now):
            return _code_form(request, weiter, BRAKED, 429)
        if recovery_codes.use(session, found.account, passwords.recovery_hash(code), now):
            accounts.pass_second_factor(session, found, address, now)
            left = recovery_codes.left(session, found.account.id)
            return go(request, local(weiter), f"Mit einem Ersatzcode angemeldet. Übrig: {left}.")
        try:
            secret = vault_in(desk.house.settings.secrets).open(found.account.totp_secret)
        except ConfigError as error:
            log.error("second factor cannot be checked", problem=str(error))
            return _code_form(request, weiter, UNREADABLE, 503)
        step = passwords.step_of(secret, code, now)
        if step is None or not accounts.use_code(session, found.account.id, step):
            accounts.failed(session, found.account.name, address, now)
            return _code_form(request, weiter, WRONG_CODE, 401)
        accounts.pass_second_factor(session, found, address, now)
    return RedirectResponse(local(weiter), 303)


@router.post("/abmelden")
def sign_out(request: Request, person: Anybody) -> Response:
    """End this session."""
    desk = desk_of(request)
    with desk.house.ledger.writing() as session:
        accounts.end(session, person.session_id, desk.clock.now())
    answer = RedirectResponse("/anmelden", 303)
    answer.delete_cookie(SESSION)
    return answer


def way_back(request: Request) -> str:
    """Where signing in is asked for, with the page to come back to."""
    wanted = asked_for(request) if request.method == "GET" else "/"
    found = _found(request) if request.cookies.get(SESSION) else None
    if found and found.has_passed:
        # The code's form once more, by the browser's way back: nothing is left to ask.
        return "/"
    place = "/anmelden/code" if found else "/anmelden"
    return place if wanted == "/" else f"{place}?weiter={quote(wanted)}"


def local(to: str) -> str:
    """A place on this desk and nowhere else."""
    try:
        netloc = urlsplit(to).netloc
    except ValueError:
        return "/"
    is_ours = to.startswith("/") and not to.startswith(("//", "/\\")) and not netloc and "\\" not in to
    return to if is_ours else "/"


def address_of(request: Request) -> str:
    """Whence the request comes."""
    return request.client.host if request.client else "-"


def may_know(request: Request, name: str, *, is_right: bool) -> bool:
    """Count a wrong password; False where the brake has closed since, and then nobody learns what it was.

    Judging takes a while, and whoever guesses many at once must not have more guesses answered than one by one.
    """
    desk, address = desk_of(request), address_of(request)
    now = desk.clock.now()
    with desk.house.ledger.writing() as session:
        if accounts.is_braked(session, name, address, now):
            return False
        if not is_right:
            accounts.failed(session, name, address, now)
    return True


def _code_form(request: Request, weiter: str, problem: str = "", status: int = 200) -> Response:
    return page(request, None, "code.html.j2", {"weiter": local(weiter), "problem": problem}, status=status)


def _form(request: Request, weiter: str, problem: str = "", status: int = 200, name: str = "") -> Response:
    # The form needs a secret that only this browser holds.
    secret = request.cookies.get(FORM) or secrets.token_urlsafe(32)
    values = {"weiter": local(weiter), "problem": problem, "name": name.strip()}
    answer = page(request, None, "signin.html.j2", values, status=status, secret=secret)
    _set(answer, request, FORM, secret)
    return answer


def _welcome(request: Request, account: AccountRow, weiter: str) -> Response:
    desk, secret = desk_of(request), secrets.token_urlsafe(32)
    agent = request.headers.get("user-agent", "")
    has_passed = not account.totp_secret
    with desk.house.ledger.writing() as session:
        now, address = desk.clock.now(), address_of(request)
        accounts.begin(session, account, hashed(secret), address, agent, now, has_passed=has_passed)
    to = local(weiter) if has_passed else f"/anmelden/code?weiter={quote(local(weiter))}"
    answer = RedirectResponse(to, 303)
    _set(answer, request, SESSION, secret)
    answer.delete_cookie(FORM)
    return answer


def _set(answer: Response, request: Request, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=int(accounts.LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=desk_of(request).is_secure,
    )


def _half(request: Request) -> SignedIn:
    found = _found(request)
    if found is None or found.has_passed:
        raise NotSignedIn
    return found


def _found(request: Request) -> SignedIn | None:
    desk = desk_of(request)
    with desk.house.ledger.reading() as session:
        return accounts.signed_in(session, hashed(request.cookies.get(SESSION, "")), desk.clock.now())
