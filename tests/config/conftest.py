"""A working folder with one client in order, `clients/sommer.yaml`, for tests to break."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.loading import load_clients
from config.problems import ConfigProblem
from config.settings import Settings

SOMMER = """\
name: sommer
active: true
seller:
  name: Sommer Elektrotechnik
  street: Lindenstraße 4
  postcode: "80331"
  city: München
  tax_number: 181/815/08155
  email: buero@sommer.example
  phone: "+49 89 1234567"
  iban: DE02120300000000202051
systems:
  lexware:
    module: lexoffice
    base_url: https://api.lexware.io
    api_key: {env: SOMMER_LEXWARE_KEY}
  mail:
    module: smtp
    host: smtp.sommer.example
    password: {file: sommer_smtp}
jobs: {system: lexware, since: 2026-11-01}
invoices:
  system: lexware
  days_until_due: 14
  early_payment: {percent: 2, days: 7}
payments: {system: lexware}
mail:
  system: mail
  from: rechnung@sommer.example
  from_name: Sommer Elektrotechnik
  reply_to: buero@sommer.example
look:
  accent: "#0b5d4e"
dunning:
  levels:
    - {days: 5, action: reminder}
    - {days: 14, action: task}
  minimum: 5.00
  land: BY
customers:
  "10307": {kind: business, days_until_due: 30}
limits:
  mails_per_day: 200
schedule:
  poll: "*/5 * * * *"
"""

Broken = Callable[[str, str], list[ConfigProblem]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a client in order, and none of our variables set."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("RECHNUNGSBOTE_", "SOMMER_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "clients").mkdir()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "clients" / "sommer.yaml").write_text(SOMMER, "utf-8")
    return tmp_path


@pytest.fixture
def settings() -> Settings:
    """Settings of the working folder."""
    return Settings(clients=Path("clients"))


@pytest.fixture
def broken(folder: Path, settings: Settings) -> Broken:
    """Replaces a text in the client's file and gives the problems that this makes."""

    def problems_after(old: str, new: str) -> list[ConfigProblem]:
        assert SOMMER.count(old) == 1, old
        (folder / "clients" / "sommer.yaml").write_text(SOMMER.replace(old, new), "utf-8")
        clients, problems = load_clients(settings)
        assert not (clients and problems)
        return problems

    return problems_after
