"""Signing in: passwords, the brake, the second factor, sessions that end, and what every answer tells the browser."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from config.problems import ConfigError
from desk.web import passwords
from desk.web.access import FORM, SESSION, csrf_of
from desk.web.app import create_app
from desk.web.signin import local
from desk.web.vault import FILE, is_sealed, vault_in
from flows.clock import Clock
from flows.wiring import House
from ledger import accounts, journal, recovery_codes
from ledger.account_tables import RecoveryCodeRow
from ledger.tables import JournalRow
from tests.desk.web.office import NOW, PASSWORD, browsing


def give(browser: TestClient, path: str, **fields: str) -> tuple[int, str]:
    """Fill in the form at `path` as a browser does; the status and where it leads."""
    form = browser.get(path)
    csrf = re.search(r'name="csrf" value="(\w+)"', form.text)
    assert csrf
    answer = browser.post(path.partition("?")[0], data={"csrf": csrf[1], **fields})
    return answer.status_code, answer.headers.get("location", "")


def test_signing_in_and_out(house: House) -> None:
    """The right password opens the board, signing out closes it for the old cookie too; both stand in the journal."""
    with browsing(house) as browser:
        assert browser.get("/").headers["location"] == "/anmelden"
        assert give(browser, "/anmelden", name=" Chefin ", password=PASSWORD) == (303, "/")
        assert browser.get("/").status_code == 200
        old = browser.cookies[SESSION]
        assert give_csrf(browser, "/konto", "/abmelden") == 303
        browser.cookies.set(SESSION, old)
        assert browser.get("/").status_code == 303
    assert [event for event in _events(house) if event.startswith("signed")][-2:] == ["signed in", "signed out"]


@pytest.mark.parametrize("wanted", ["/konto", "/kunden/sommer/kunde?key=K%C3%A4the+Wei%C3%9F", "/?state=offen&q=re1"])
def test_signing_in_leads_to_the_page_asked_for(house: House, wanted: str) -> None:
    """Whoever opens a customer or a filtered board in the morning finds just that after signing in."""
    with browsing(house) as browser:
        form = browser.get(wanted).headers["location"]
        weiter = re.search(r'name="weiter" value="([^"]*)"', browser.get(form).text)
        assert weiter
        assert give(browser, form, name="chefin", password=PASSWORD, weiter=unescape(weiter[1])) == (303, wanted)


def give_csrf(browser: TestClient, page: str, path: str, **fields: str) -> int:
    """Press a button of a page."""
    csrf = re.search(r'name="csrf" value="(\w+)"', browser.get(page).text)
    assert csrf
    return int(browser.post(path, data={"csrf": csrf[1], **fields}).status_code)


def test_a_form_from_elsewhere_is_refused(house: House) -> None:
    """Without the word that only this browser's pages carry no form does anything, whatever cookie comes with it."""
    with browsing(house, "chefin") as browser:
        for headers in ({"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}):
            assert browser.post("/eingang/sommer/aufgaben/1/erledigt", headers=headers).status_code == 403
        assert browser.post("/anmelden", data={"name": "chefin", "password": PASSWORD}).status_code == 403


def test_the_brake(house: House) -> None:
    """After five wrong passwords not even the right one helps, until a quarter of an hour has passed."""
    clock = Clock(NOW)
    with TestClient(create_app(house, clock), base_url="http://127.0.0.1", follow_redirects=False) as browser:
        for _ in range(accounts.MOST_BY_PAIR):
            assert give(browser, "/anmelden", name="chefin", password="falsch")[0] == 401
        assert give(browser, "/anmelden", name="chefin", password=PASSWORD)[0] == 429
    later = Clock(NOW + accounts.WINDOW + timedelta(minutes=1))
    with TestClient(create_app(house, later), base_url="http://127.0.0.1", follow_redirects=False) as browser:
        assert give(browser, "/anmelden", name="chefin", password=PASSWORD)[0] == 303


def test_a_refused_name_need_not_be_typed_again(house: House) -> None:
    """After a slip, and while the brake holds, the form shows the name that was typed and never the password."""
    typed = '<b>"Chefin'
    with browsing(house) as browser:
        browser.get("/anmelden")
        fields = {"csrf": csrf_of(browser.cookies[FORM]), "name": typed, "password": "ganz falsch"}
        answers = [browser.post("/anmelden", data=fields) for _ in range(accounts.MOST_BY_PAIR + 1)]
    assert [answer.status_code for answer in answers] == [401] * accounts.MOST_BY_PAIR + [429]
    for answer in answers:
        field = re.search(r'name="name"[^>]* value="([^"]*)"', answer.text)
        assert field
        assert unescape(field[1]) == typed
        assert "ganz falsch" not in answer.text


def test_many_guesses_at_once_are_no_more_guesses(house: House) -> None:
    """Of passwords that arrive together no more are answered than one after the other."""
    app = create_app(house, Clock(NOW))
    with ExitStack() as open_ones, ThreadPoolExecutor(8) as guesses:
        browsers = [
            open_ones.enter_context(TestClient(app, base_url="http://127.0.0.1", follow_redirects=False))
            for _ in range(8)
        ]
        # FastAPI makes a route ready at its first request, and not for several threads at once.
        assert browsers[0].post("/anmelden").status_code == 403
        forms = [re.search(r'name="csrf" value="(\w+)"', browser.get("/anmelden").text) for browser in browsers]

        def guess(browser: TestClient, form: re.Match[str] | None) -> int:
            assert form
            fields = {"csrf": form[1], "name": "chefin", "password": "falsch"}
            return int(browser.post("/anmelden", data=fields).status_code)

        told = sorted(guesses.map(guess, browsers, forms))
    assert told == [401] * accounts.MOST_BY_PAIR + [429] * (8 - accounts.MOST_BY_PAIR)


def test_the_second_factor(house: House) -> None:
    """With a second factor the password alone opens nothing, and each code opens once."""
    secret = pyotp.random_base32()
    with house.ledger.writing() as session:
        account = accounts.find(session, "chefin")
        assert account
        accounts.set_second_factor(session, account, secret, "test", NOW)
    code = pyotp.TOTP(secret).at(NOW)
    with browsing(house) as browser:
        assert give(browser, "/anmelden", name="chefin", password=PASSWORD)[1].startswith("/anmelden/code")
        assert browser.get("/").headers["location"] == "/anmelden/code"
        assert give(browser, "/anmelden/code", code="000000")[0] == 401
        assert give(browser, "/anmelden/code", code=code) == (303, "/")
        assert browser.get("/").status_code == 200
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        assert give(browser, "/anmelden/code", code=code)[0] == 401


def test_the_ledger_alone_gives_no_code(house: House) -> None:
    """What is kept is sealed by a key outside of it, what was kept in the open is sealed too, and codes stay good."""
    folder, secret = house.settings.secrets, pyotp.random_base32()
    code, later = (pyotp.TOTP(secret).at(at) for at in (NOW, NOW + timedelta(seconds=30)))
    with browsing(house, "chefin") as browser:
        browser.post("/konto/zweiter-faktor", data={"old": PASSWORD, "secret": secret, "code": code})
    with house.ledger.writing() as session:
        office = accounts.find(session, "buero")
        assert office
        accounts.set_second_factor(session, office, secret, "test", NOW)
        accounts.seal_secrets(session, is_sealed, vault_in(folder).seal)
    with house.ledger.reading() as session:
        kept = [row.totp_secret for row, _ in accounts.everyone(session) if row.totp_secret]
    assert len(kept) == 2
    assert all(is_sealed(each) and secret not in each for each in kept)
    assert [vault_in(folder).open(each) for each in kept] == [secret, secret]
    for name in ("chefin", "buero"):
        with browsing(house) as browser:
            give(browser, "/anmelden", name=name, password=PASSWORD)
            assert give(browser, "/anmelden/code", code=later) == (303, "/")


def test_a_slip_while_switching_it_on_costs_no_new_start(house: House) -> None:
    """After a wrong code or password the page shows the secret that the app has read, and its next code is taken."""
    with browsing(house, "chefin") as browser:
        secret = _offered(browser.get("/konto").text)
        code = pyotp.TOTP(secret).at(NOW)
        for slip in ({"old": PASSWORD, "code": "000000"}, {"old": "falsch", "code": code}):
            answer = browser.post("/konto/zweiter-faktor", data={"secret": secret, **slip})
            assert (answer.status_code, _offered(answer.text)) == (422, secret)
            assert "stimmt nicht" in answer.text
        right = {"secret": secret, "old": PASSWORD, "code": code}
        answer = browser.post("/konto/zweiter-faktor", data=right)
        assert (answer.status_code, "Der zweite Faktor gilt." in answer.text) == (200, True)
        assert "Der zweite Faktor ist eingeschaltet." in browser.get("/konto").text


def _offered(text: str) -> str:
    """The secret that a page offers for the app."""
    found = re.search(r'name="secret" value="(\w+)"', text)
    assert found
    return found[1]


def test_the_code_that_switched_it_on_opens_nothing(house: House) -> None:
    """Whoever looked over the shoulder at that moment has nothing; going back to the code's form ends at the board."""
    secret = pyotp.random_base32()
    code, later = (pyotp.TOTP(secret).at(at) for at in (NOW, NOW + timedelta(seconds=30)))
    with browsing(house, "chefin") as browser:
        browser.post("/konto/zweiter-faktor", data={"old": PASSWORD, "secret": secret, "code": code})
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        assert give(browser, "/anmelden/code", code=code)[0] == 401
        assert give(browser, "/anmelden/code", code=later) == (303, "/")
        assert browser.get("/anmelden/code").headers["location"] == "/"


def test_a_recovery_code_opens_once(house: House) -> None:
    """Ten are shown once; each opens once in place of the app's code, also where the key is lost."""
    with browsing(house, "chefin") as browser:
        codes = _switched_on(browser)
        assert len(set(codes)) == passwords.RECOVERY_CODES
        account = browser.get("/konto").text
        assert not any(code in account for code in codes)
        assert "Ersatzcodes übrig: <b>10</b>" in account
    (house.settings.secrets / FILE).unlink()
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        typed = codes[0].replace("-", " ").upper()
        assert give(browser, "/anmelden/code?weiter=/konto", code=typed, weiter="/konto") == (303, "/konto")
        account = browser.get("/konto").text
        assert "Mit einem Ersatzcode angemeldet. Übrig: 9." in account
        assert "Ersatzcodes übrig: <b>9</b>" in account
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        assert give(browser, "/anmelden/code", code=codes[0])[0] == 503
        assert give(browser, "/anmelden/code", code=codes[1]) == (303, "/")
    assert _events(house).count("recovery code used") == 2


def test_the_ledger_holds_no_recovery_code(house: House) -> None:
    """What is kept are hashes, and nobody's code opens for somebody else."""
    with browsing(house, "chefin") as browser:
        codes = _switched_on(browser)
    with browsing(house, "buero") as browser:
        _switched_on(browser)
    with house.ledger.reading() as session:
        kept = set(session.scalars(select(RecoveryCodeRow.code)))
    assert len(kept) == 2 * passwords.RECOVERY_CODES
    assert not kept & {*codes, *(code.replace("-", "") for code in codes)}
    with browsing(house) as browser:
        give(browser, "/anmelden", name="buero", password=PASSWORD)
        assert give(browser, "/anmelden/code", code=codes[0])[0] == 401


def test_guesses_at_recovery_codes_are_braked(house: House) -> None:
    """They count like all guesses: after five not even a right one opens, and it stays good for later."""
    with browsing(house, "chefin") as browser:
        codes = _switched_on(browser)
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        for _ in range(accounts.MOST_BY_PAIR):
            assert give(browser, "/anmelden/code", code="abcd-efgh-jkmn-pqrs")[0] == 401
        assert give(browser, "/anmelden/code", code=codes[0])[0] == 429
    with house.ledger.reading() as session:
        account = accounts.find(session, "chefin")
        assert account
        assert recovery_codes.left(session, account.id) == passwords.RECOVERY_CODES


def test_new_recovery_codes_end_the_old_ones(house: House) -> None:
    """They ask for the password and for a second factor that is on; switching it off leaves none."""
    with browsing(house, "chefin") as browser:
        assert browser.post("/konto/ersatzcodes", data={"old": PASSWORD}).status_code == 404
        old = _switched_on(browser)
        assert browser.post("/konto/ersatzcodes", data={"old": "falsch"}).status_code == 422
        new = _codes(browser.post("/konto/ersatzcodes", data={"old": PASSWORD}).text)
        assert not {*old} & {*new}
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        assert give(browser, "/anmelden/code", code=old[0])[0] == 401
        assert give(browser, "/anmelden/code", code=new[0]) == (303, "/")
        assert give_csrf(browser, "/konto", "/konto/zweiter-faktor", old=PASSWORD) == 303
    with house.ledger.reading() as session:
        assert session.scalars(select(RecoveryCodeRow)).all() == []
    assert "recovery codes made" in _events(house)


def _switched_on(browser: TestClient) -> list[str]:
    """The recovery codes that the page shows once the second factor is on."""
    secret = _offered(browser.get("/konto").text)
    fields = {"old": PASSWORD, "secret": secret, "code": pyotp.TOTP(secret).at(NOW)}
    return _codes(browser.post("/konto/zweiter-faktor", data=fields).text)


def _codes(text: str) -> list[str]:
    found = re.findall(r"<li><code>([a-z2-9-]{19})</code>", text)
    assert found
    return found


def test_without_its_key_a_second_factor_lets_nobody_in(house: House) -> None:
    """A lost, foreign, spoilt or public key is told with its cure; the page says no more than that it cannot check."""
    folder, secret = house.settings.secrets, pyotp.random_base32()
    with house.ledger.writing() as session:
        account = accounts.find(session, "chefin")
        assert account
        accounts.set_second_factor(session, account, vault_in(folder).seal(secret), "test", NOW)
    key = folder / FILE
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with browsing(house) as browser:
        give(browser, "/anmelden", name="chefin", password=PASSWORD)
        assert give(browser, "/anmelden/code", code=pyotp.TOTP(secret).at(NOW))[0] == 503
    key.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        vault_in(folder)
    key.chmod(0o600)
    key.write_text("kein Schlüssel", "utf-8")
    with pytest.raises(ConfigError, match="aus dem Tresor"):
        vault_in(folder)


def test_sessions_end(house: House) -> None:
    """Half a day without use ends a session, and a new password ends all of them."""
    with browsing(house, "chefin") as browser:
        cookie = browser.cookies[SESSION]
        late = create_app(house, Clock(NOW + accounts.IDLE + timedelta(minutes=1)))
        with TestClient(late, base_url="http://127.0.0.1", follow_redirects=False, cookies={SESSION: cookie}) as other:
            assert other.get("/").status_code == 303
        changed = browser.post("/konto/passwort", data={"old": PASSWORD, "new": "ein neues langes Wort"})
        assert changed.headers["location"] == "/anmelden"
        assert browser.get("/").status_code == 303


BY_ITSELF = [{"HX-Request": "true"}, {"Sec-Fetch-Mode": "navigate"}]
BY_A_PERSON = [{}, {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"}]


@pytest.mark.parametrize("headers", [*BY_ITSELF, *BY_A_PERSON])
def test_a_board_left_open_does_not_stay_signed_in(house: House, headers: dict[str, str]) -> None:
    """What the page asks for by itself renews no session, with script or without; what a person does renews it."""
    with browsing(house, "chefin") as browser:
        cookie = browser.cookies[SESSION]
    answers = []
    for after in (accounts.IDLE - timedelta(minutes=1), accounts.IDLE + timedelta(minutes=1)):
        app = create_app(house, Clock(NOW + after))
        with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False, cookies={SESSION: cookie}) as other:
            answers.append(other.get("/?state=offen", headers=headers))
    assert answers[0].status_code == 200
    assert (answers[1].status_code == 200) == (headers in BY_A_PERSON)
    if "HX-Request" in headers:
        told = answers[1]
        assert (told.status_code, told.text) == (401, "")
        assert told.headers["HX-Redirect"] == "/anmelden?weiter=/%3Fstate%3Doffen"


def test_headers_and_cookies(house: House) -> None:
    """Every answer forbids scripts from elsewhere and frames; cookies are kept from scripts, and to https if told."""
    with TestClient(create_app(house, Clock(NOW), is_secure=True), base_url="https://127.0.0.1") as browser:
        answer = browser.get("/anmelden")
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax"))
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["boese.example", "boese.example:8040", "127.0.0.1.boese.example", "", "[", "a b"])
def test_a_foreign_name_is_refused_in_german(house: House, host: str) -> None:
    """Whoever comes by another name gets a sentence with the cure and all headers, and no page; programs a problem."""
    with browsing(house, "chefin") as browser:
        for path in ("/", "/anmelden", "/static/desk.css"):
            answer = browser.get(path, headers={"Host": host})
            assert (answer.status_code, answer.text.startswith("Unter diesem Namen")) == (400, True)
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.headers["x-content-type-options"] == "nosniff"
        told = browser.get("/api/v1/invoices", headers={"Host": host})
        assert (told.status_code, told.headers["content-type"]) == (400, "application/problem+json")
        assert "--name" in told.json()["detail"]


@pytest.mark.parametrize("host", ["127.0.0.1:8040", "LOCALHOST", "[::1]:8040", "tafel.firma.example"])
def test_the_own_names_are_answered(house: House, host: str) -> None:
    """Loopback in every writing, and the names that were given at the start."""
    app = create_app(house, Clock(NOW), names=("tafel.firma.example",))
    with TestClient(app, base_url="http://127.0.0.1") as browser:
        assert browser.get("/anmelden", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "to",
    ["//boese.example", "https://boese.example/", "/\\boese.example", "javascript:alert(1)", "", "//[", "http://["],
)
def test_signing_in_leads_nowhere_else(to: str) -> None:
    """After signing in the way leads to a page of this desk, whatever the address says."""
    assert local(to) == "/"


@pytest.mark.parametrize(
    ("password", "word"), [("kurz", "mindestens"), ("aaaaaaaaaaaaaaaa", "wiederholt"), ("x" * 300, "höchstens")]
)
def test_bad_passwords_are_refused(password: str, word: str) -> None:
    """A short, monotonous or endless password is refused with a sentence."""
    with pytest.raises(ValueError, match=word):
        passwords.hash_of(password)


def _events(house: House) -> list[str]:
    with house.ledger.reading() as session:
        assert list(journal.faults(session)) == []
        return list(session.scalars(select(JournalRow.event).order_by(JournalRow.id)))
