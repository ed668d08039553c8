"""`up --demo`: the whole installation beside a stage, with a client whose jobs of six weeks wait to be billed."""

from datetime import datetime, timedelta
from pathlib import Path

from billing.calendar import BERLIN
from config.settings import load_settings
from desk.console import Exit
from desk.demo import CLIENT, DAYS, Stage, open_account, places_for, prepare, stage_open, write_client
from desk.demo_contracts import sign_contracts
from desk.up import Places, up
from flows.logs import configure_logging

SCHEDULE = """
# In der Vorführung läuft alles jede Minute, damit man zusehen kann.
schedule:
  poll: "* * * * *"
  payments: "*/2 * * * *"
  reminders: "*/5 * * * *"
  reconcile: "*/5 * * * *"
  contracts: "*/2 * * * *"
approval: {over: 5000, approver: Katrin Sommer}
"""


def up_demo(folder: Path, places: Places) -> Exit:
    """Like `up`, on a stage of its own below `folder`; today is today, and the jobs are those of the last weeks."""
    if not prepare(folder):
        return Exit.CONFIGURATION
    today = datetime.now(BERLIN)
    start = today - timedelta(days=DAYS)
    with stage_open(folder, start) as stage:
        write_client(folder, stage, start)
        file = folder / "clients" / f"{CLIENT}.yaml"
        file.write_text(file.read_text("utf-8") + SCHEDULE, "utf-8")
        places_for(folder)
        stage.control("index-lag", {"seconds": 0})
        stage.control("clock", {"now": today.isoformat()})
        settings = load_settings()
        configure_logging(settings)
        sign_contracts(settings, CLIENT, stage.control("contacts"), start)
        name, password = open_account(settings)
        beside = {"Anmeldung Schreibtisch": f"{name} mit {password}", **_beside(stage)}
        return up(settings, places, beside, guarded=False)


def _beside(stage: Stage) -> dict[str, str]:
    return {
        "Bühne, Mails": f"{stage.http}/_control/mails",
        "Bühne, Mails als Datei": str(stage.folder / "mails"),
        "Bühne, Rechnungen": f"{stage.http}/_control/invoices",
    }
