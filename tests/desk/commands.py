"""The command line as a process of its own, set up for a business of the stage."""

import json
import os
import subprocess
import sys
from typing import Any

from config.settings import PREFIX
from tests.flows.business import Business
from tests.sandbox.running import ROOT


def command(business: Business, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """How the command ended. `settings` are RECHNUNGSBOTE_ variables without their prefix."""
    ours = {name.upper(): str(getattr(business.settings, name)) for name in ("home", "clients", "secrets")}
    environment = os.environ | {PREFIX + name: value for name, value in (ours | settings).items()}
    line = [sys.executable, "-m", "desk.cli", *words]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def in_json(business: Business, *words: str, **settings: str) -> Any:
    """What the command says with --json; it must end with 0."""
    ended = command(business, *words, "--json", **settings)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
