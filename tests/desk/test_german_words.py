"""Codes of the ledger and of the connectors are German words wherever people read them."""

import ast
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import pytest

from billing.dunning import Outcome
from billing.incoming_mail import Sort
from billing.invoices import Channel
from connectors.protocols import LetterStage
from desk import words
from desk.web.access import Role
from ledger import times
from ledger.effects import Kind, State
from ledger.levers import Kind as Lever
from tests.desk.commands import invoked
from tests.desk.test_money_commands import told
from tests.flows.business import CLIENT, Business
from tests.sandbox.running import ROOT

ASKING = {
    "get": 1, "post": 1, "put": 1, "delete": 1, "get_file": 1, "rows": 2, "_list": 0, "_invoice": 1, "cancellations": 2
}  # fmt: skip
"""Calls that ask a foreign system, with the place of the purpose among their arguments."""


RECORDING = {"record": 3, "first_within": 1}
"""Calls that write into the journal, with the place of the event among their arguments."""

CHOSEN: dict[tuple[str, str], Iterable[str]] = {
    ("effects", "kind"): Kind, ("effects", "effect.kind"): Kind, ("effects", "flight.kind"): Kind,
    ("effects", "settlement.state"): (State.DONE, State.FAILED, State.REFUSED, State.UNKNOWN),
    ("restoring", "row.kind"): Kind, ("restoring", "State.UNKNOWN"): (State.UNKNOWN,),
    ("levers", "kind"): Lever, ("notices", "decision.outcome"): Outcome, ("inbox", "sort"): Sort,
    ("consignments", "stage"): LetterStage,
    ("times", "state.value"): (times.State.APPROVED, times.State.REJECTED),
}  # fmt: skip
"""What stands in the events of a module for an expression whose values are no texts of that module."""


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


def test_every_event_has_its_words() -> None:
    """Whatever the code writes into the journal is in the catalogue, and nothing else is."""
    recorded = events()
    assert sorted(name for name in recorded - words.EVENTS.keys() if not _is_of_an_effect(name)) == []
    assert sorted(words.EVENTS.keys() - recorded) == []


def events() -> set[str]:
    """Every event that the code records."""
    files = [file for room in ("ledger", "flows", "desk") for file in (ROOT / room).rglob("*.py")]
    return {name for file in files for name in _recorded(file.stem, ast.parse(file.read_text("utf-8")))}


def _is_of_an_effect(name: str) -> bool:
    kind, _, ending = name.partition(" ")
    return kind in words.EFFECTS and ending in words.ENDINGS


def _recorded(module: str, tree: ast.Module) -> Iterator[str]:
    for call in _calls(tree):
        place = RECORDING.get(_name_of(call))
        if place is not None and not (module == "journal" and isinstance(call.args[place], ast.Name)):
            yield from _said(call.args[place], module, tree)


def _said(event: ast.expr, module: str, tree: ast.Module) -> Iterator[str]:
    """The names that an expression may come to."""
    if isinstance(event, ast.JoinedStr):
        parts = [list(_said(part, module, tree)) for part in event.values]
        yield from map("".join, product(*parts))
    elif isinstance(event, ast.FormattedValue):
        chosen = CHOSEN.get((module, ast.unparse(event.value)))
        yield from _given(tree, ast.unparse(event.value)) if chosen is None else chosen
    elif isinstance(event, ast.IfExp):
        yield from (*_said(event.body, module, tree), *_said(event.orelse, module, tree))
    elif isinstance(event, ast.Name):
        sets = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and _sets(node, event.id)]
        yield from (name for node in sets for name in _said(node.value, module, tree))
    else:
        yield str(ast.literal_eval(event))


def _given(tree: ast.Module, parameter: str) -> set[str]:
    """The texts that a module passes on as that parameter, or yields for it."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    names = {each.name: [one.arg for one in each.args.args] for each in functions}
    places = {name: own.index(parameter) for name, own in names.items() if parameter in own}
    passed = [call.args[places[_name_of(call)]] for call in _calls(tree) if _name_of(call) in places]
    for node in ast.walk(tree):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            passed += node.value.elts
    found = {each.value for each in passed if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    assert found, f"nobody gives {parameter}: please name its values in CHOSEN"
    return found


def _calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _sets(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


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
