"""Meldet einen roten Lauf per Mail."""

import hashlib
from datetime import timedelta
from email.utils import format_datetime

from prefect import flow
from prefect.logging import get_run_logger

from config.loading import LoadedClient
from config.problems import ConfigError
from config.settings import load_settings
from documents.mime import header_text, mailbox, message
from flows.clock import Clock
from flows.connections import connect_all
from flows.wiring import House, open_house
from ledger import journal

QUIET = timedelta(hours=6)
"""The same trouble is not told again within this time: a channel that is down for a day is no reason for 300 mails."""
LONGEST_SUBJECT = 120


@flow(name="alarm", flow_run_name="Alarm: {run}", persist_result=False)
def alarm(run: str, state: str, text: str = "", link: str = "") -> None:
    """Meldet einen roten Lauf per Mail; dasselbe höchstens alle sechs Stunden.

    Args:
        run: Name des Laufs.
        state: Sein Stand, etwa Failed oder Crashed.
        text: Warum, wie es am Lauf steht.
        link: Adresse des Laufs in Prefect.
    """
    settings, clock = load_settings(), Clock()
    with open_house(settings) as house:
        seal = hashlib.sha256(f"{run.partition('(')[0]}\n{state}\n{text}".encode()).hexdigest()
        with house.ledger.writing() as session:
            if not journal.first_within(session, "alarm", seal, clock.now(), QUIET):
                get_run_logger().info("Dasselbe wurde eben erst gemeldet.")
                return
        through = _through(house, settings.alarm_client)
        _send(house, through, settings.alarm_mail or "", f"{state}: {run}", f"{run}\n\n{state}\n{text}\n\n{link}\n")


def _through(house: House, name: str | None) -> LoadedClient:
    """The client whose mail connection carries alarms. Raises `ConfigError` when there is none."""
    if name:
        return house.client(name)
    found = next((loaded for loaded in house.clients if loaded.config.mail), None)
    if found is None:
        raise ConfigError(house.problems)
    return found


def _send(house: House, through: LoadedClient, recipient: str, subject: str, text: str) -> None:
    config, now = through.config, Clock().now()
    if config.mail is None:
        return
    seed = hashlib.sha256(f"{now.isoformat()}{text}".encode()).hexdigest()[:24]
    domain = config.mail.sender.partition("@")[2]
    plain = "".join(letter for letter in subject if letter.isprintable()).replace("=?", "=")
    headers = [
        ("From", mailbox("Rechnungsbote", config.mail.sender)),
        ("To", recipient),
        ("Subject", header_text(plain[:LONGEST_SUBJECT])),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<alarm.{seed}@{domain}>"),
        ("Auto-Submitted", "auto-generated"),
    ]
    page = f"<pre>{_escaped(text)}</pre>"
    systems = connect_all(house.settings, through)
    try:
        systems[config.mail.system].send(message(headers, text, page, (), seed), recipient, lambda _phase: None)
    finally:
        for system in systems.values():
            system.close()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
