"""The command line, as a process of its own or in this one, set up for a business of the stage."""

import json
import os
import subprocess
from typing import Any

from typer.testing import CliRunner, Result

from config.settings import PREFIX
from desk.cli import app
from tests.flows.business import Business
from tests.forked import rechnungsbote


def command(business: Business, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """How the command ended. `settings` are RECHNUNGSBOTE_ variables without their prefix."""
    ours = {name.upper(): str(getattr(business.settings, name)) for name in ("home", "clients", "secrets")}
    environment = os.environ | {PREFIX + name: value for name, value in (ours | settings).items()}
    return rechnungsbote(*words, environment=environment)


def invoked(business: Business, *words: str) -> Result:
    """How a command ended, run in this process: starting a new one for each would take most of the time."""
    ours = {PREFIX + name.upper(): str(getattr(business.settings, name)) for name in ("home", "clients", "secrets")}
    return CliRunner().invoke(app, words, env=ours, catch_exceptions=False)


def in_json(business: Business, *words: str, **settings: str) -> Any:
    """What the command says with --json; it must end with 0."""
    ended = command(business, *words, "--json", **settings)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
