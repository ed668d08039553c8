"""What leaves the program by logs, reprs, errors or Prefect names no secret and no whole account number."""

import pytest
from prefect import State

from config.settings import Settings
from flows.connections import secrets_in_use
from flows.report import Entry, Report, Result
from flows.running import ending, harmless
from ledger.database import Ledger

SECRET = "geheim-4711-schluessel"
IBAN = "DE02 1203 0000 0000 2020 51"


@pytest.fixture
def known_secret() -> None:
    """A secret that was resolved in this process."""
    secrets_in_use.add(SECRET)


def report(text: str) -> Report:
    """A run in which something failed, with words that a foreign system chose."""
    return Report("sommer", "Senden", (Entry(Result.REFUSED, f"Rechnung RE1001 {text}", text),))


@pytest.mark.parametrize("text", [SECRET, f"Authorization: Bearer {SECRET}", IBAN, f"https://u:{SECRET}@host/"])
def test_prefect_is_told_no_secret(known_secret: None, text: str) -> None:
    """Neither the message nor the data of a failed run, which Prefect stores and shows, hold what the words held."""
    state: State[None] = ending(harmless(report(text)))
    shown = f"{state.message} {state.data!r} {state.data}"
    assert state.is_failed()
    assert "RE1001" in shown
    assert SECRET not in shown
    assert "0000 2020" not in shown


def test_a_long_message_is_cut() -> None:
    """A foreign system cannot fill Prefect's database with its words."""
    state: State[None] = ending(harmless(report("x" * 50_000)))
    assert len(str(state.message)) < 3000


def test_no_setting_shows_the_password_of_the_database() -> None:
    """The settings do not show the database's address in any form, and neither does an open ledger."""
    settings = Settings(database_url=f"postgresql+psycopg://u:{SECRET}@127.0.0.1:9/x")
    ledger = Ledger(settings.database_url)
    try:
        assert SECRET not in repr(settings) + str(settings) + repr(ledger) + repr(ledger.engine)
    finally:
        ledger.close()
