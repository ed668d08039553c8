"""How Prefect is set up when we start it: bound to this machine, guarded, and quick enough for many small runs."""

import os
import secrets
from pathlib import Path

from config.settings import Settings

LOGIN = "anmeldung"
DEFAULTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # Small batches of events cost five times the processor time (measured).
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
    # Without this flow runs are kept for ever; the ledger is what remembers.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "NO_COLOR": "1",
}


def prefect_settings(settings: Settings, host: str, port: int, *, guarded: bool) -> dict[str, str]:
    """The variables for the server and all that talks to it; what the operator has set already stays as it is."""
    origin = f"http://{host}:{port}"
    wanted = DEFAULTS | {
        "PREFECT_HOME": str((settings.home / "prefect").absolute()),
        "PREFECT_API_URL": f"{origin}/api",
        "PREFECT_SERVER_API_HOST": host,
        # The page calls this port, whatever the command line of the server says.
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": origin,
    }
    if guarded:
        login = _login(settings.home / "prefect" / LOGIN)
        wanted |= {"PREFECT_SERVER_API_AUTH_STRING": login, "PREFECT_API_AUTH_STRING": login}
    return {name: os.environ.get(name, value) for name, value in wanted.items()}


def _login(file: Path) -> str:
    """User and password of Prefect's page, made once and readable by the service alone.

    A file that a crash left empty is made anew: an empty login would leave the page open to everybody.
    """
    if not file.exists() or not file.read_text("utf-8").strip():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"betrieb:{secrets.token_urlsafe(18)}", "utf-8")
    return file.read_text("utf-8").strip()
