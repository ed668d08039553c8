"""The commands by which people intervene in dunning, as they are typed."""

import os
import subprocess
import sys

import pytest

from config.settings import PREFIX
from tests.flows.business import Business
from tests.flows.test_chain import FIRST_REMINDER
from tests.sandbox.running import ROOT


@pytest.fixture
def billed(business: Business) -> Business:
    """A business with one invoice, RE1001, sent and open."""
    business.finished_job()
    business.run()
    return business


def typed(business: Business, *words: str) -> str:
    """What a command answers; it must end well."""
    settings = business.settings
    paths = {"HOME": settings.home, "CLIENTS": settings.clients, "SECRETS": settings.secrets}
    environment = os.environ | {f"{PREFIX}{name}": str(path) for name, path in paths.items()}
    command = [sys.executable, "-m", "desk.cli", *words]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_word_spares_and_a_word_ends_it(billed: Business) -> None:
    """block, why and lift tell one story, and the preview shows the way of it."""
    assert "Zahlungserinnerung" in typed(billed, "dunning-preview", "--date", "2026-11-23")
    assert "wird nicht gemahnt" in typed(billed, "block", "RE1001", "--reason", "Stammkunde", "--by", "Anna")
    assert "0 Schritte" in typed(billed, "dunning-preview", "--date", "2026-11-23")
    billed.run(at=FIRST_REMINDER)
    told = typed(billed, "why", "RE1001", "--recompute")
    assert "Mahnsperre: Stammkunde" in told
    assert "ergeben dieselbe Entscheidung" in told
    assert "geht wieder ihren Weg" in typed(billed, "lift", "block", "RE1001", "--reason", "Urlaub vorbei")


def test_cash_is_booked_by_hand(billed: Business) -> None:
    """payment add says what is open then."""
    told = typed(billed, "payment", "add", "RE1001", "20.01", "--on", "2026-11-10", "--by", "Anna")
    assert "sind 20,01 EUR gebucht, offen" in told
