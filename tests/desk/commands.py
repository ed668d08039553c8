"""The command line as a process of its own, set up for a business of the stage."""

import json
import os
import subprocess
from typing import Any

from config.settings import PREFIX
from tests.flows.business import Business
from tests.forked import rechnungsbote


def command(business: Business, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """How the command ended. `settings` are RECHNUNGSBOTE_ variables without their prefix."""
    ours = {name.upper(): str(getattr(business.settings, name)) for name in ("home", "clients", "secrets")}
    environment = os.environ | {PREFIX + name: value for name, value in (ours | settings).items()}
    return rechnungsbote(*words, environment=environment)


def in_json(business: Business, *words: str, **settings: str) -> Any:
    """What the command says with --json; it must end with 0."""
    ended = command(business, *words, "--json", **settings)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
