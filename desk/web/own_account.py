"""What everybody may change about the own account: password, second factor, recovery codes, language, sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from desk.web import passwords
from desk.web.access import Forbidden, NotFound, Person, Right, desk_of, require
from desk.web.pages import LANGUAGE, LANGUAGES, go, page
from desk.web.signin import BRAKED, WRONG_CODE, address_of, local, may_know
from desk.web.vault import vault_in
from ledger import accounts, recovery_codes
from ledger.account_tables import AccountRow

router = APIRouter()

Anybody = Annotated[Person, Depends(require(Right.ACCOUNT))]
Text = Annotated[str, Form()]
Secret = Annotated[str, Form(pattern=passwords.BASE32)]

MISTYPED = "Das Passwort stimmt nicht."
SWITCHED_ON = "Der zweite Faktor gilt."
RENEWED = "Die bisherigen Ersatzcodes gelten nicht mehr."
A_YEAR = 365 * 24 * 3600


@router.get("/konto")
def account_page(request: Request, person: Anybody) -> Response:
    """The own account: password, second factor, where one is signed in."""
    return _account_page(request, person)


@router.post("/konto/passwort")
def change_password(request: Request, person: Anybody, old: Text = "", new: Text = "") -> Response:
    """Another password, against the old one; every session ends."""
    desk, account = desk_of(request), _own(request, person)
    if not _is_own_password(request, account, old):
        return go(request, "/konto", "Das alte Passwort stimmt nicht.")
    try:
        fresh = passwords.hash_of(new)
    except ValueError as error:
        return go(request, "/konto", str(error))
    with desk.house.ledger.writing() as session:
        accounts.set_password(session, account, fresh, person.name, desk.clock.now())
    return go(request, "/anmelden", "Das Passwort ist geändert. Bitte neu anmelden.")


@router.post("/konto/zweiter-faktor")
def second_factor(
    request: Request, person: Anybody, old: Text = "", secret: Secret = "", code: Text = ""
) -> Response:  # fmt: skip
    """Ask for a code from now on, once the app has shown a right one; without `secret` no more."""
    desk, account = desk_of(request), _own(request, person)
    if not _is_own_password(request, account, old):
        return _account_page(request, person, secret, MISTYPED)
    now = desk.clock.now()
    step = passwords.step_of(secret, code, now) if secret else 0
    if step is None:
        return _account_page(request, person, secret, WRONG_CODE)
    sealed = vault_in(desk.house.settings.secrets).seal(secret)
    codes = passwords.new_recovery_codes() if secret else []
    with desk.house.ledger.writing() as session:
        hashes = [passwords.recovery_hash(each) for each in codes]
        accounts.set_second_factor(session, account, sealed, person.name, now, hashes)
        accounts.use_code(session, account.id, step)
    if not secret:
        return go(request, "/konto", "Der zweite Faktor ist abgeschaltet.")
    return page(request, person, "recovery_codes.html.j2", {"codes": codes, "told": SWITCHED_ON, "here": "/konto"})


@router.post("/konto/ersatzcodes")
def renew_recovery_codes(request: Request, person: Anybody, old: Text = "") -> Response:
    """Other recovery codes, against the password; those before open nothing any more."""
    desk, account = desk_of(request), _own(request, person)
    if not _is_own_password(request, account, old):
        return _account_page(request, person, problem=MISTYPED)
    if not account.totp_secret:
        raise NotFound
    codes = passwords.new_recovery_codes()
    with desk.house.ledger.writing() as session:
        hashes = [passwords.recovery_hash(each) for each in codes]
        recovery_codes.replace(session, account, hashes, person.name, desk.clock.now())
    return page(request, person, "recovery_codes.html.j2", {"codes": codes, "told": RENEWED, "here": "/konto"})


@router.post("/konto/ueberall-abmelden")
def sign_out_everywhere(request: Request, person: Anybody) -> Response:
    """End all sessions of this person."""
    desk = desk_of(request)
    with desk.house.ledger.writing() as session:
        accounts.end_all(session, person.account_id, desk.clock.now())
    return RedirectResponse("/anmelden", 303)


@router.post("/sprache")
def choose_language(request: Request, person: Anybody, language: Text = "de", weiter: Text = "/") -> Response:
    """German or English, remembered with the account."""
    if language not in LANGUAGES:
        raise NotFound
    with desk_of(request).house.ledger.writing() as session:
        accounts.set_language(session, person.account_id, language)
    answer = RedirectResponse(local(weiter), 303)
    answer.set_cookie(LANGUAGE, language, max_age=A_YEAR, httponly=True, samesite="lax")
    return answer


def _account_page(request: Request, person: Person, secret: str = "", problem: str = "") -> Response:
    """With a problem it shows the same secret again: the app has read it already."""
    desk, secret = desk_of(request), secret or passwords.new_secret()
    with desk.house.ledger.reading() as session:
        open_ones = accounts.sessions_of(session, person.account_id, desk.clock.now())
        account = accounts.find(session, person.name)
        left = recovery_codes.left(session, person.account_id)
    if account is None:
        raise NotFound
    picture = passwords.picture_of(passwords.address_of(person.name, secret))
    values: dict[str, object] = {"account": account, "sessions": open_ones, "secret": secret, "picture": picture}
    values |= {"left": left, "problem": problem, "here": "/konto"}
    return page(request, person, "account.html.j2", values, status=422 if problem else 200)


def _own(request: Request, person: Person) -> AccountRow:
    with desk_of(request).house.ledger.reading() as session:
        found = accounts.find(session, person.name)
    if found is None:
        raise NotFound
    return found


def _is_own_password(request: Request, account: AccountRow, password: str) -> bool:
    desk, address = desk_of(request), address_of(request)
    now = desk.clock.now()
    with desk.house.ledger.reading() as session:
        if accounts.is_braked(session, account.name, address, now):
            raise Forbidden(BRAKED)
    is_right = passwords.is_right(account.password_hash, password)
    if not may_know(request, account.name, is_right=is_right):
        raise Forbidden(BRAKED)
    return is_right
