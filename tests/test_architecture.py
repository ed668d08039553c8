"""Which room may import what: the arrows of the design, and what must stay in one room."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

MIDDLE_FLOOR = {"connectors", "ledger", "documents", "config"}
ARROWS = {
    "desk": {"flows", "billing"} | MIDDLE_FLOOR,
    "flows": {"billing"} | MIDDLE_FLOOR,
    "connectors": {"billing"},
    "ledger": {"billing"},
    "documents": {"billing"},
    "config": {"billing"},
    "billing": set(),
    "sandbox": set(),
}

ONLY_IN = {
    "alembic": {"ledger"},
    "psycopg": {"ledger"},
    "sqlalchemy": {"ledger"},
    "sqlite3": {"ledger"},
    "httpcore": {"connectors"},
    "httpx": {"connectors"},
    "smtplib": {"connectors"},
    "jinja2": {"desk", "documents"},
    "weasyprint": {"documents"},
    "prefect": {"flows", "desk", "config"},  # config reads secrets from Prefect blocks
}

# The standard library's ways to the clock, the network, files, the environment and chance.
IMPURE_MODULES = {"os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess", "time", "urllib"}
IMPURE_CALLS = {"now", "open", "read_bytes", "read_text", "today", "utcnow"}


class Import(NamedTuple):
    """One module named in an import statement, with its line."""

    module: str
    line: int

    @property
    def top(self) -> str:
        """The top-level package; empty for a relative import, which stays in its room."""
        return self.module.partition(".")[0]


class Fault(NamedTuple):
    """What is wrong, and where."""

    line: int
    reason: str


Rule = Callable[[str, ast.Module], Iterator[Fault]]


def imports_of(tree: ast.Module) -> Iterator[Import]:
    """Every import of a module, also inside functions and `if TYPE_CHECKING`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield Import(node.module or "", node.lineno)
        elif isinstance(node, ast.Call) and called_name(node) == "import_module":
            yield from imported_by_name(node)


def imported_by_name(call: ast.Call) -> Iterator[Import]:
    """What `import_module("connectors.mite")` or `import_module(f"connectors.{name}")` imports."""
    if not call.args:
        return
    first = call.args[0].values[0] if isinstance(call.args[0], ast.JoinedStr) else call.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield Import(first.value, call.lineno)


def called_name(call: ast.Call) -> str:
    """The last part of what is called: `now` for `datetime.now()`, `open` for `open()`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def arrows_point_down(room: str, tree: ast.Module) -> Iterator[Fault]:
    """A room imports itself and what lies below it; nobody imports the sandbox or the tests."""
    for found in imports_of(tree):
        if found.top in {*ARROWS, "tests"} - ARROWS[room] - {room}:
            yield Fault(found.line, f"{room} must not import {found.module}")


def libraries_stay_in_their_room(room: str, tree: ast.Module) -> Iterator[Fault]:
    """SQL, HTTP, mail, layout and Prefect are each known to the room that deals with them."""
    for found in imports_of(tree):
        if room not in ONLY_IN.get(found.top, {room}):
            yield Fault(found.line, f"{found.module} belongs to {' and '.join(sorted(ONLY_IN[found.top]))}")


def billing_is_pure(room: str, tree: ast.Module) -> Iterator[Fault]:
    """The rules know the standard library only, and neither clock, file, network, environment nor chance."""
    if room != "billing":
        return
    allowed = {"", "billing"} | (set(sys.stdlib_module_names) - IMPURE_MODULES)
    for found in imports_of(tree):
        if found.top not in allowed:
            yield Fault(found.line, f"billing is pure and must not import {found.module}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node) in IMPURE_CALLS:
            yield Fault(node.lineno, f"billing is pure and must not call {called_name(node)}()")


def billing_counts_in_decimals(room: str, tree: ast.Module) -> Iterator[Fault]:
    """Neither `float` nor a literal like 0.19 stands near money."""
    if room != "billing":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield Fault(node.lineno, "billing must not use float")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Fault(node.lineno, f"billing must not use the float {node.value}")


RULES: list[Rule] = [
    arrows_point_down,
    libraries_stay_in_their_room,
    billing_is_pure,
    billing_counts_in_decimals,
]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("room", ARROWS)
def test_room_keeps_the_rule(room: str, rule: Rule) -> None:
    """Every module of every room keeps every rule of the design."""
    faults = [
        f"{path.relative_to(ROOT)}:{fault.line}: {fault.reason}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for fault in rule(room, ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert faults == []


@pytest.mark.parametrize("room", ARROWS)
def test_room_has_modules(room: str) -> None:
    """A rule that finds no module would prove nothing."""
    assert list((ROOT / room).rglob("*.py"))


def test_every_package_is_a_room() -> None:
    """A new top-level package needs a place on a floor before it can be imported."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages - {"tests", "benchmarks"} <= set(ARROWS)


@pytest.mark.parametrize(
    ("rule", "room", "source"),
    [
        (arrows_point_down, "billing", "from config.client import Client"),
        (arrows_point_down, "billing", "def draft():\n    import flows.poll"),
        (arrows_point_down, "ledger", "import documents"),
        (arrows_point_down, "connectors", "from ledger import effects"),
        (arrows_point_down, "config", "import connectors.mite"),
        (arrows_point_down, "config", "import_module(f'connectors.{name}')"),
        (arrows_point_down, "flows", "from desk.cli import main"),
        (arrows_point_down, "desk", "from sandbox.mailbox import Mailbox"),
        (arrows_point_down, "sandbox", "from billing.money import Money"),
        (arrows_point_down, "flows", "import importlib\nimportlib.import_module('sandbox.lexoffice')"),
        (arrows_point_down, "desk", "from tests.conftest import client"),
        (libraries_stay_in_their_room, "flows", "from sqlalchemy import select"),
        (libraries_stay_in_their_room, "desk", "import httpx"),
        (libraries_stay_in_their_room, "flows", "import smtplib"),
        (libraries_stay_in_their_room, "flows", "import jinja2"),
        (libraries_stay_in_their_room, "connectors", "from weasyprint import HTML"),
        (libraries_stay_in_their_room, "ledger", "from prefect import flow"),
        (billing_is_pure, "billing", "import pydantic"),
        (billing_is_pure, "billing", "import time"),
        (billing_is_pure, "billing", "from os import environ"),
        (billing_is_pure, "billing", "from datetime import datetime, UTC\ndatetime.now(UTC)"),
        (billing_is_pure, "billing", "import datetime\ndatetime.date.today()"),
        (billing_is_pure, "billing", "open('rates.csv')"),
        (billing_counts_in_decimals, "billing", "float('1.10')"),
        (billing_counts_in_decimals, "billing", "rate = 0.19"),
    ],
)
def test_rule_finds_the_fault(rule: Rule, room: str, source: str) -> None:
    """Each rule fails on a module that breaks it, so its silence means something."""
    assert list(rule(room, ast.parse(source)))


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("billing", "from billing.money import Money\nfrom decimal import Decimal\nfrom datetime import date, time"),
        ("billing", "from . import money"),
        ("flows", "from prefect import flow\nfrom ledger import effects\nfrom connectors.errors import Unavailable"),
        ("desk", "from flows.poll import poll_jobs\nfrom starlette.applications import Starlette"),
        ("ledger", "import sqlalchemy as sa\nfrom billing.money import Money"),
        ("sandbox", "import time\nfrom starlette.routing import Route\nfrom sandbox import mailbox"),
    ],
)
def test_rules_accept_what_the_design_allows(room: str, source: str) -> None:
    """A module that keeps to the design passes every rule."""
    tree = ast.parse(source)

    assert [fault for rule in RULES for fault in rule(room, tree)] == []
