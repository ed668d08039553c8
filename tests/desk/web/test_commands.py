"""`users` and `desk` as they are typed."""

import json
import re
import socket
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from config.settings import PREFIX
from desk.cli import app
from desk.web import passwords
from desk.web.access import FORM, Role, csrf_of
from desk.web.commands import is_loopback
from flows.wiring import House
from ledger import accounts
from ledger.account_tables import RecoveryCodeRow
from ledger.tables import JournalRow
from tests.desk.web.office import NOW, OWN, PASSWORD, browsing


@pytest.fixture
def typed(house: House, monkeypatch: pytest.MonkeyPatch) -> "Typed":
    """The command line on the office."""
    for name in ("home", "clients", "secrets"):
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", str(getattr(house.settings, name)))
    return Typed(house.settings.home)


class Typed:
    """Commands as they are typed, with what is typed after them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, given: str = "") -> Result:
        """What a command answers."""
        return CliRunner().invoke(app, words, input=given)


def test_an_account_comes_and_goes(house: House, typed: Typed) -> None:
    """add, list, password, second-factor and remove change who may sign in, and say so."""
    assert "mindestens" in typed("users", "add", "Anna", "--password-stdin", given="kurz\n").stderr
    first = typed("users", "add", "Anna", "--role", "office", "--client", OWN, given="ein gutes Wort\nein gutes Wort\n")
    assert "anna kann sich anmelden" in first.stdout
    assert "gibt es schon" in typed("users", "add", "anna", "--password-stdin", given="ein gutes Wort\n").stderr
    (anna,) = [user for user in json.loads(typed("users", "list", "--json").stdout)["users"] if user["name"] == "anna"]
    assert (anna["roles"], anna["second_factor"]) == ({OWN: "office"}, False)
    told = typed("users", "second-factor", "anna").stdout
    assert "Mit der App lesen" in told
    codes = _codes(told)
    with house.ledger.reading() as session:
        kept = set(session.scalars(select(RecoveryCodeRow.code)))
    assert kept == {passwords.recovery_hash(code) for code in codes}
    assert len(codes) == passwords.RECOVERY_CODES
    assert "ohne zweiten Faktor" in typed("users", "second-factor", "anna", "--off").stdout
    with house.ledger.reading() as session:
        assert session.scalars(select(RecoveryCodeRow)).all() == []
    assert typed("users", "password", "anna", "--password-stdin", given="ein anderes Wort\n").exit_code == 0
    with house.ledger.reading() as session:
        account = accounts.find(session, "anna")
        assert account
        assert passwords.is_right(account.password_hash, "ein anderes Wort")
    assert typed("users", "remove", "anna").exit_code == 0
    assert typed("users", "remove", "anna").exit_code == 2
    assert "anna" not in typed("users", "list").stdout


def test_new_recovery_codes_by_command(house: House, typed: Typed) -> None:
    """They are shown once and journaled; the old ones open nothing, and without a second factor there are none."""
    refused = typed("users", "recovery-codes", "gast")
    assert (refused.exit_code, "users second-factor gast" in refused.stderr) == (2, True)
    assert typed("users", "recovery-codes", "niemand").exit_code == 2
    before = _codes(typed("users", "second-factor", "gast").stdout)
    told = typed("users", "recovery-codes", " Gast ", "--by", "anna").stdout
    assert "Die bisherigen Ersatzcodes von gast gelten nicht mehr." in told
    after = _codes(told)
    assert len({*before, *after}) == 2 * passwords.RECOVERY_CODES
    with house.ledger.reading() as session:
        assert set(session.scalars(select(RecoveryCodeRow.code))) == {passwords.recovery_hash(code) for code in after}
        (said,) = session.scalars(select(JournalRow.facts).where(JournalRow.event == "recovery codes made"))
    assert said == {"name": "gast", "by": "anna"}


def _codes(told: str) -> list[str]:
    return re.findall(r"^  ([a-z2-9-]{19})$", told, re.MULTILINE)


def test_the_list_says_roles_in_german(typed: Typed) -> None:
    """People read Büro and alle Mandanten, machines the codes."""
    said = typed("users", "list").stdout
    for line in ("sommer: Inhaber", "sommer: Büro", "sommer: Betreiber", "sommer: Leser", "alle Mandanten: Inhaber"):
        assert line in said
    assert not any(role.value in said for role in (Role.OWNER, Role.OFFICE, Role.OPERATOR, Role.READER))
    told = {user["name"]: user["roles"] for user in json.loads(typed("users", "list", "--json").stdout)["users"]}
    assert (told["buero"], told["betreiber"]) == ({OWN: "office"}, {accounts.EVERYONE: "owner"})


def test_another_role_holds_at_once(house: House, typed: Typed) -> None:
    """Whoever is signed in may do the new role's work with the next page; password and second factor stay."""
    with house.ledger.writing() as session:
        account = accounts.find(session, "gast")
        assert account
        accounts.set_second_factor(session, account, "x", "test", NOW)
    hold = f"/rechnungen/{OWN}/RE1001/anhalten"
    with browsing(house, "gast") as browser:
        assert browser.get(hold).status_code == 403
        told = typed("users", "role", "Gast", "office", "--client", OWN, "--by", "anna")
        assert "gast ist jetzt Büro für sommer." in told.stdout
        assert browser.get(hold).status_code == 200
        assert typed("users", "role", "gast", "reader").exit_code == 0
        assert (browser.get(hold).status_code, browser.get("/").status_code) == (403, 200)
    with house.ledger.reading() as session:
        after = accounts.find(session, "gast")
        assert after
        assert (after.password_hash, after.totp_secret) == (account.password_hash, "x")
        assert accounts.roles_of(session, after.id) == {accounts.EVERYONE: "reader"}
        said = session.scalars(select(JournalRow.facts).where(JournalRow.event == "roles changed")).all()
    assert [(each["name"], each["before"], each["roles"]) for each in said] == [
        ("gast", ["sommer: reader"], ["sommer: office"]),
        ("gast", ["sommer: office"], ["*: reader"]),
    ]
    assert said[0]["by"] == "anna"


def test_the_brake_is_lifted(house: House, typed: Typed) -> None:
    """After too many tries by an account or from an address the way is free at once, and for no other."""
    with browsing(house) as browser:
        browser.get("/anmelden")
        seal = csrf_of(browser.cookies[FORM])

        def signing_in(name: str, password: str = PASSWORD) -> int:
            fields = {"csrf": seal, "name": name, "password": password}
            return int(browser.post("/anmelden", data=fields).status_code)

        tried = [f"wer-{number // accounts.MOST_BY_PAIR}" for number in range(accounts.MOST_BY_ADDRESS)]
        assert {signing_in(name, "falsch") for name in tried} == {401}
        assert signing_in("chefin") == 429
        assert "vergessen: 0" in typed("users", "unlock", "--address", "192.0.2.7").stdout
        assert signing_in("chefin") == 429
        assert "testclient vergessen: 25" in typed("users", "unlock", "--address", "testclient").stdout
        assert {signing_in("gast", "falsch") for _ in range(accounts.MOST_BY_PAIR)} == {401}
        assert "vergessen: 0" in typed("users", "unlock", "buero").stdout
        assert signing_in("gast") == 429
        assert "gast vergessen: 5" in typed("users", "unlock", " Gast ", "--by", "anna").stdout
        assert signing_in("gast") == 303
    with house.ledger.reading() as session:
        said = session.scalars(select(JournalRow.facts).where(JournalRow.event == "sign-in brake lifted")).all()
    assert [(each["name"], each["address"], each["tries"]) for each in said if each["tries"]] == [
        ("", "testclient", 25),
        ("gast", "", 5),
    ]
    assert said[-1]["by"] == "anna"


@pytest.mark.parametrize("words", [(), ("gast", "--address", "192.0.2.7"), ("niemand",)])
def test_a_brake_is_one_name_s_or_one_address_s(typed: Typed, words: tuple[str, ...]) -> None:
    """Neither, both, or an account that does not exist is a mistake."""
    assert typed("users", "unlock", *words).exit_code == 2


def test_a_role_needs_an_account_and_a_role_there_is(typed: Typed) -> None:
    """An unknown name or role changes nothing and ends with 2."""
    for words in (("niemand", "reader"), ("gast", "chef"), ("gast", "reader", "--client", "gibtsnicht")):
        assert typed("users", "role", *words).exit_code == 2


def test_an_unknown_client_is_refused(typed: Typed) -> None:
    """A role for a client that does not exist is a mistake with its cure."""
    answer = typed("users", "add", "anna", "--client", "gibtsnicht", "--password-stdin", given="ein gutes Wort\n")
    assert (answer.exit_code, "gibtsnicht" in answer.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "1 bis 80 Zeichen"), ("  ", "1 bis 80 Zeichen"), ("a" * 81, "1 bis 80 Zeichen"), ("an\nna", "einer Zeile")],
)
def test_a_name_that_nobody_can_have_is_refused(typed: Typed, name: str, said: str) -> None:
    """An account without a name, or with one longer than the ledger keeps, is a mistake before the password is."""
    answer = typed("users", "add", name, "--password-stdin", given="ein gutes Wort\n")
    assert (answer.exit_code, said in answer.stderr) == (2, True)


def test_the_network_is_refused(typed: Typed) -> None:
    """Another address than loopback needs a word of its own; without it the command says why."""
    answer = typed("desk", "--host", "10.0.0.5")
    assert answer.exit_code == 2
    assert "unverschlüsselt" in answer.stderr


def test_a_taken_port_is_told(typed: Typed) -> None:
    """Where something else answers already, the command ends with a sentence and the cure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = typed("desk", "--port", str(taken.getsockname()[1]))
    assert (answer.exit_code, "--port" in answer.stderr) == (2, True)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.5", False), ("desk.example", False)],
)
def test_loopback(host: str, is_local: bool) -> None:
    """Only this machine's own addresses are loopback; a name might lead anywhere."""
    assert is_loopback(host) is is_local
