"""Codes of the ledger and of the connectors are German words wherever people read them."""

import ast
from pathlib import Path

import pytest

from billing.invoices import Channel
from desk import words
from desk.web.access import Role
from ledger.effects import Kind, State
from tests.desk.commands import invoked
from tests.desk.test_money_commands import told
from tests.flows.business import CLIENT, Business
from tests.sandbox.running import ROOT

ASKING = {
    "get": 1, "post": 1, "put": 1, "delete": 1, "get_file": 1, "rows": 2, "_list": 0, "_invoice": 1, "cancellations": 2
}  # fmt: skip
"""Calls that ask a foreign system, with the place of the purpose among their arguments."""


def purposes() -> set[str]:
    """Every purpose for which a connector asks."""
    found = set()
    for file in (ROOT / "connectors").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= _purpose(node, file)
    return found


def _purpose(call: ast.Call, file: Path) -> set[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    asks = name in ASKING and (not name.isalpha() or "http" in ast.unparse(call.func).casefold() or name == "rows")
    place = ASKING.get(name, 0)
    given = call.args[place] if asks and len(call.args) > place else None
    return {given.value} if isinstance(given, ast.Constant) and isinstance(given.value, str) else set()


def test_every_purpose_has_its_words() -> None:
    """What connectors ask for is what the catalogue knows, neither more nor less."""
    assert purposes() - {""} == words.PURPOSES.keys()


def test_every_code_has_its_words() -> None:
    """Effects, their states, channels and roles."""
    kinds, states = {kind.value for kind in Kind}, {state.value for state in State}
    assert (set(words.EFFECTS), kinds - set(words.GROUPS), states - set(words.STATES)) == (kinds, set(), set())
    assert set(words.CHANNELS) == {channel.value for channel in Channel}
    assert set(words.ROLES) == {role.value for role in Role}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("invoice-pdf", "Rechnung (PDF)"), ("invoice-mail-3", "Rechnungsmail an andere Adresse"),
        ("reminder-12-mail", "Erinnerungsmail 12"), ("invoice-duplicate-1-mail", "Zweitschrift 1"),
        ("incoming-7", "Eingegangene Mail"), ("foreign-1", "foreign-1"),
    ],
)  # fmt: skip
def test_a_document_is_named(kind: str, said: str) -> None:
    """Also the second and the twelfth of a kind."""
    assert words.paper(kind) == said


def test_tables_are_german_and_json_keeps_the_codes(business: Business) -> None:
    """status, show and customer say no code; machines get it."""
    business.finished_job()
    business.run()
    status, shown = invoked(business, "status").stdout, invoked(business, "show", "RE1001").stdout
    assert "Rechnungen anlegen" in status
    assert "Rechnungsmail" in shown
    for code in ("signals", "create", "invoice-", "zugferd"):
        assert code not in status + shown.replace("invoice-mail.eml", "").replace("/invoice-mail", "")
    assert {paper["kind"] for paper in told(business, "show", "RE1001")["documents"]} >= {"invoice-pdf", "invoice-mail"}
    customer = str(business.invoices()[0].draft["customer"]["number"])
    assert "Versand: per E-Mail" in invoked(business, "customer", customer, "--client", CLIENT).stdout
