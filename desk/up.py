"""`up`: the whole installation with one command on one machine: Prefect, workers, callbacks and the desk."""

import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.markup import escape

from config.loading import LoadedClient, load_clients, stamp_of
from config.settings import Settings
from desk.console import Exit, err, out
from desk.deployments import POOL, PROCESS
from desk.prefect_settings import LOGIN, prefect_settings
from desk.preflight import obstacles
from desk.supervising import Child, NotReady, Supervisor
from flows.wiring import problems_in

HEALTH_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Places:
    """Where what listens, and how much runs at once. A `server` of somebody else is used instead of our own."""

    host: str = "127.0.0.1"
    prefect: int = 4200
    desk: int = 8040
    receiver: int = 8088
    workers: int = 2
    server: str = ""


def up(settings: Settings, places: Places, beside: Mapping[str, str], *, guarded: bool = True) -> Exit:
    """Start everything and keep it running until a signal; `beside` names more addresses to tell people."""
    clients, problems = load_clients(settings)
    for problem in problems:
        err.print(escape(str(problem)))
    with _only_one(settings.home) as is_only:
        if not is_only:
            err.print(f"Hier läuft schon ein  rechnungsbote up  ({settings.home}). Abhilfe: jenes beenden.")
            return Exit.UNREACHABLE
        return _start(settings, clients, places, beside, guarded)


def _start(
    settings: Settings, clients: list[LoadedClient], places: Places, beside: Mapping[str, str], guarded: bool
) -> Exit:
    ports = {"Schreibtisch": (places.host, places.desk)}
    if not places.server:
        ports["Prefect"] = (places.host, places.prefect)
    if wants_callbacks(settings, clients):
        ports["Rückrufe"] = (places.host, places.receiver)
    found = list(obstacles(settings, ports, places.server))
    for obstacle in found:
        err.print(escape(obstacle))
    if found:
        return Exit.UNREACHABLE
    for loaded in clients:
        # Besides finding mistakes this learns every secret, so that no line of a child can show one.
        problems_in(settings, loaded)
    return _keep_up(settings, places, beside, guarded)


def _keep_up(settings: Settings, places: Places, beside: Mapping[str, str], guarded: bool) -> Exit:
    os.environ.update(prefect_settings(settings, places.host, places.prefect, guarded=guarded and not places.server))
    if places.server:
        os.environ["PREFECT_API_URL"] = places.server
    # Their lines come to us; two who write the same line into one file would be one too many.
    os.environ["RECHNUNGSBOTE_LOG_FILE"] = ""
    addresses = {"Schreibtisch": f"http://{places.host}:{places.desk}", "Prefect": _page_of_prefect(places), **beside}
    if guarded and not places.server:
        addresses["Anmeldung bei Prefect"] = str(settings.home / "prefect" / LOGIN)
    os.environ.setdefault("RECHNUNGSBOTE_DESK_URL", addresses["Schreibtisch"])
    supervisor = Supervisor(_Wanted(settings, places), lambda: _tell(addresses))
    try:
        asyncio.run(supervisor.run())
    except NotReady as error:
        err.print(escape(str(error)))
        return Exit.UNREACHABLE
    return Exit.FINE


class _Wanted:
    """The children as the clients' files want them; the files are read again only when one of them has changed."""

    def __init__(self, settings: Settings, places: Places) -> None:
        self._settings, self._places = settings, places
        self._seen: object = None
        self._children: list[Child] = []

    def __call__(self) -> list[Child]:
        seen = stamp_of(self._settings.clients)
        if seen != self._seen:
            self._seen, self._children = seen, children(self._settings, self._places)
        return self._children


def children(settings: Settings, places: Places) -> list[Child]:
    """What has to run now, in the order of starting; a new client may bring a new work pool."""
    clients, _ = load_clients(settings)
    found = [_desk(places), _registrar(), *(_worker(pool, places.workers) for pool in _pools(clients))]
    if wants_callbacks(settings, clients):
        found.append(_program("Rückrufe", "receive", "--host", places.host, "--port", str(places.receiver)))
    return found if places.server else [_server(places), *found]


def wants_callbacks(settings: Settings, clients: list[LoadedClient]) -> bool:
    """Whether any client is told by its system when something happens; without an address nobody can."""
    return settings.callback_url is not None and any(loaded.config.active for loaded in clients)


def _pools(clients: list[LoadedClient]) -> list[str]:
    """The pools we work for ourselves; containers have workers of their own (docs/betrieb.md)."""
    running = [loaded.config.running for loaded in clients]
    return sorted({POOL, *(each.pool for each in running if each.pool_type == PROCESS)})


def _server(places: Places) -> Child:
    command = _prefect("server", "start", "--host", places.host, "--port", str(places.prefect))
    return Child("Prefect", command, ready=partial(_answers, places.host, places.prefect))


def _worker(pool: str, limit: int) -> Child:
    name = "Arbeiter" if pool == POOL else f"Arbeiter {pool}"
    return Child(name, _prefect("worker", "start", "--pool", pool, "--type", "process", "--limit", str(limit)))


def _desk(places: Places) -> Child:
    return _program("Schreibtisch", "desk", "--host", places.host, "--port", str(places.desk))


def _registrar() -> Child:
    return _program("Anmeldung", "register", "--watch")


def _program(name: str, *arguments: str) -> Child:
    return Child(name, (sys.executable, "-m", "desk.cli", *arguments))


def _prefect(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "prefect", *arguments)


def _page_of_prefect(places: Places) -> str:
    return places.server.removesuffix("/api") or f"http://{places.host}:{places.prefect}"


async def _answers(host: str, port: int) -> bool:
    """Whether Prefect's server is up; by hand, since a thread beside would be a danger to the children we fork."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(HEALTH_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET /api/health HTTP/1.0\r\n\r\n")
            status = await reader.readline()
            writer.close()
            return b" 200 " in status
    return False


@contextmanager
def _only_one(home: Path) -> Iterator[bool]:
    """Whether this is the only one at this place; it stays so until the end."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _tell(addresses: Mapping[str, str]) -> None:
    out.print("\nAlles läuft. Zum Öffnen:")
    for name, address in addresses.items():
        out.print(escape(f"  {name:<22}  {address}"), soft_wrap=True)
    out.print("Beenden mit Strg-C; nichts geht verloren.\n")
