"""What must be true before anything starts: each obstacle is one German sentence with its cure."""

import base64
import json
import os
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from billing.system_words import cause_of
from config.settings import Settings
from desk.health import points_of
from ledger import journal
from ledger.database import LedgerUnavailable, open_ledger

CLOCK_TOLERANCE = timedelta(minutes=5)
WAIT_SECONDS = 3
REDIS = ("PREFECT_REDIS_MESSAGING_URL", "PREFECT_SERVER_DOCKET_URL")
DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
SERVICES = dict.fromkeys(REDIS, ("Redis", 6379)) | {DATABASE: ("PostgreSQL für Prefect", 5432)}
"""What Prefect's server needs, by the variable that names it, and where it usually listens."""
OVER_THE_NET = ("redis", "rediss", "postgresql")
SOMEBODY_ELSES = ("Mandanten",)
"""A mistake in one client's file keeps only that client from working."""


def obstacles(settings: Settings, ports: Mapping[str, tuple[str, int]], server: str = "") -> Iterator[str]:
    """Everything that stands in the way: `ports` names what will listen where, `server` a Prefect API not our own."""
    for point in points_of(settings):
        if not point.is_fine and point.name not in SOMEBODY_ELSES:
            yield f"{point.name}: {point.text}"
    yield from _ledger(settings)
    for name, (host, port) in ports.items():
        yield from _port(name, host, port)
    for variable, (what, port) in SERVICES.items():
        yield from _service(variable, what, port)
    if server:
        yield from _server(server)


def _ledger(settings: Settings) -> Iterator[str]:
    """The clock against the two others that are at hand: the database's, and that of the last entry."""
    try:
        ledger = open_ledger(settings.database_url)
    except LedgerUnavailable:
        return
    try:
        now = datetime.now(UTC)
        with ledger.reading() as session:
            last = journal.last_at(session)
        apart = abs(ledger.clock() - now)
    finally:
        ledger.close()
    cure = "Abhilfe: Uhrzeit und Zeitzone prüfen (timedatectl) und die Zeit automatisch stellen lassen."
    if last and last > now + CLOCK_TOLERANCE:
        yield f"Uhr: sie zeigt {now:%d.%m.%Y %H:%M} UTC, der letzte Eintrag im Journal {last:%d.%m.%Y %H:%M}. {cure}"
    if apart > CLOCK_TOLERANCE:
        yield f"Uhr: sie geht um {apart.total_seconds() / 60:.0f} Minuten anders als die der Datenbank. {cure}"


def _port(name: str, host: str, port: int) -> Iterator[str]:
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        cure = f"Abhilfe: das andere Programm beenden (ss -ltnp | grep {port}) oder einen anderen Anschluss wählen."
        yield f"{name}: Anschluss {port} auf {host} ist nicht frei ({cause_of(error)}). {cure}"


def _service(variable: str, what: str, usual_port: int) -> Iterator[str]:
    found = urlsplit(os.environ.get(variable, ""))
    if found.scheme.partition("+")[0] not in OVER_THE_NET:
        return
    host, port = found.hostname or "127.0.0.1", found.port or usual_port
    if not _answers(host, port):
        cure = f"Abhilfe: {what} starten oder {variable} richtigstellen."
        yield f"{what}: auf {host}:{port} antwortet nichts. {cure}"


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), WAIT_SECONDS):
            return True
    except OSError:
        return False


def _server(api: str) -> Iterator[str]:
    # Prefect takes two seconds to load, and only a server of somebody else has to be compared with it.
    from prefect import __version__

    request = urllib.request.Request(f"{api.rstrip('/')}/admin/version", headers=_login())  # noqa: S310 the operator's own server
    try:
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:  # noqa: S310
            version = str(json.load(answer))
    except (OSError, ValueError) as error:
        yield f"Prefect: {api} antwortet nicht ({error}). Abhilfe: Server starten oder PREFECT_API_URL richtigstellen."
        return
    if version.split(".")[:2] != __version__.split(".")[:2]:
        cure = "Abhilfe: Server und Programm auf dieselbe Version bringen (requirements.lock)."
        yield f"Prefect: der Server ist {version}, dieses Programm braucht {__version__}. {cure}"


def _login() -> dict[str, str]:
    given = os.environ.get("PREFECT_API_AUTH_STRING", "")
    return {"Authorization": f"Basic {base64.b64encode(given.encode()).decode()}"} if given else {}
