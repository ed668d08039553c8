"""`payment access`: a person confirms at the bank that account movements may be read."""

import time

import typer
from rich.markup import escape

from config.loading import LoadedClient
from connectors.errors import ConnectorError
from connectors.protocols import BankAccess
from desk.console import out
from flows.wiring import House, at_work
from ledger.overrides import NothingToDecide

APP = "Leer lassen und Eingabe drücken, wenn in einer App freigegeben wird. TAN"


def confirm(house: House, loaded: LoadedClient) -> str:
    """Open the access with a person's help. Raises `NothingToDecide`, also with what the bank says against it."""
    with at_work(house, loaded) as work:
        if not isinstance(work.bank, BankAccess):
            raise NothingToDecide("Dieser Mandant liest keine Bank (payments.bank in seiner Datei).")
        try:
            work.bank.confirm(_ask, time.sleep)
        except ConnectorError as error:
            raise NothingToDecide(error.message) from None
    return "Der Zugang ist bestätigt; der nächste Durchlauf liest die Umsätze."


def _ask(words: str) -> str:
    out.print(escape(f"Die Bank schreibt: {words}"))
    return str(typer.prompt(APP, default="", show_default=False))
