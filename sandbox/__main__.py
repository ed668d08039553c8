"""`python -m sandbox`: start the stage as a process of its own."""

import argparse
import asyncio
import contextlib
import itertools
import json
import logging
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import uvicorn

from sandbox import plan
from sandbox.certificates import server_context
from sandbox.clock import BERLIN
from sandbox.connections import RememberedConnection
from sandbox.fints import api as fints_api
from sandbox.gateway import Gateway
from sandbox.imap import Connection
from sandbox.letterxpress import api as letterxpress_api
from sandbox.sevdesk.api import PREFIX
from sandbox.smtp import Login, Sink
from sandbox.stage import Options, Stage

TICK_SECONDS = 0.5
DEFAULT_WORLDS = ["malerbetrieb"]


class Server(uvicorn.Server):
    """uvicorn without signal handling of its own: the stage ends both of its servers itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; prints one JSON line when both servers are ready."""
    parser = _parser()
    given = parser.parse_args(arguments)
    worlds = tuple(itertools.chain.from_iterable(given.world or [DEFAULT_WORLDS]))
    if len({plan.load(name).system for name in worlds}) < len(worlds):
        parser.error("--world: höchstens eine Welt je System")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    folder = Path(given.folder or tempfile.mkdtemp(prefix="sandbox-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(Options(folder, worlds, given.rate, given.burst, given.now))
    asyncio.run(_run(stage, folder, given.host, given.http_port, given.smtp_port))
    return 0


async def _run(stage: Stage, folder: Path, host: str, http_port: int, smtp_port: int) -> None:
    login, context = Login("stage", secrets.token_urlsafe(16)), server_context(folder)
    loop = asyncio.get_running_loop()
    sink = await loop.create_server(lambda: Sink(stage.post, login, context), host, smtp_port)
    inbox = await asyncio.start_server(lambda *ends: Connection(stage, login, *ends).run(), host, 0, ssl=context)
    listener = socket.create_server((host, http_port), backlog=256)
    server = Server(
        uvicorn.Config(
            Gateway(stage),
            http=RememberedConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
    )
    # should_exit lets uvicorn finish answers for a second; the mail server closes with the block below.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    tasks = [asyncio.create_task(_announce(server, stage, folder, listener, (sink, inbox), login))]
    tasks.append(asyncio.create_task(_live(stage)))
    async with sink, inbox:
        await server.serve(sockets=[listener])
    for task in tasks:
        task.cancel()


async def _announce(
    server: Server,
    stage: Stage,
    folder: Path,
    listener: socket.socket,
    mail: tuple[asyncio.Server, asyncio.Server],
    login: Login,
) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    host, port = listener.getsockname()[:2]
    key_file = folder / "callbacks.pem"
    key_file.write_bytes(stage.signer.public_pem)
    smtp, imap = (each.sockets[0].getsockname()[1] for each in mail)
    account = {"username": login.username, "password": login.password, "ca_file": str(folder / "ca.pem")}
    ready = {
        "http": f"http://{host}:{port}",
        "smtp": {"host": host, "port": smtp, "starttls": True, **account},
        "imap": {"host": host, "port": imap, **account},
        "api_key": stage.api_key,
        "webhook_public_key": str(key_file),
        "sevdesk": {"base_url": f"http://{host}:{port}{PREFIX}", "api_key": stage.sevdesk_key},
        "letterxpress": {"base_url": f"http://{host}:{port}{letterxpress_api.PREFIX}", **asdict(stage.letter_login)},
        "fints": {"url": f"http://{host}:{port}{fints_api.PATH}", **stage.bank.login},
        "folder": str(folder),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


async def _live(stage: Stage) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        stage.agenda.tick()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Die Bühne: ein Lexware Office, ein sevDesk, ein Mailserver und ein Briefdienst zum Üben. "
        "Nichts verlässt diesen Rechner. Sobald alles bereit ist, "
        "steht auf der Standardausgabe eine JSON-Zeile mit Adressen und Zugangsdaten; "
        "Meldungen gehen auf die Fehlerausgabe. Gesteuert wird über /_control/ am HTTP-Anschluss "
        "(Uhr, Zahlungen, Störungen; GET /_control/ zeigt alles). Ende mit Strg+C oder SIGTERM.",
        epilog="Im Ordner liegen danach: mails/NNNN.eml (die empfangenen Bytes) und NNNN.json (Umschlag), "
        "letters/N.pdf (die aufgegebenen Briefe), "
        "requests.jsonl (jede API-Anfrage), ca.pem (Zertifizierungsstelle des Mailservers), "
        "callbacks.pem (öffentlicher Schlüssel der Rückrufe). "
        "Mails, Briefe und requests.jsonl eines früheren Laufs im selben Ordner werden beim Start entfernt.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="Adresse, an der beide Server lauschen (Vorgabe: %(default)s)")
    add("--http-port", type=int, default=0, metavar="N", help="HTTP-Anschluss; 0 wählt einen freien (Vorgabe)")
    add("--smtp-port", type=int, default=0, metavar="N", help="SMTP-Anschluss; 0 wählt einen freien (Vorgabe)")
    add("--folder", metavar="ORDNER", help="Ordner für alles, was aufgehoben wird (Vorgabe: ein neuer temporärer)")
    add(
        "--world",
        action="append",
        type=_worlds,
        metavar="{" + ",".join(plan.world_names()) + "}",
        help="welche Welten gespielt werden, je System höchstens eine: mehrfach angeben oder mit Komma trennen "
        f"(Vorgabe: {DEFAULT_WORLDS[0]})",
    )
    add(
        "--rate",
        type=float,
        default=2,
        metavar="R",
        help="Anfragen je Sekunde und System; 0 heißt unbegrenzt (Vorgabe: 2)",
    )
    add("--burst", type=float, default=4, metavar="B", help="Anfragen auf einmal, danach 429 (Vorgabe: 4)")
    add(
        "--now",
        type=_instant,
        metavar="ISO",
        help="Uhrzeit der Bühne am Anfang, z. B. 2026-11-02T08:00 (Vorgabe: jetzt)",
    )
    return parser


def _worlds(text: str) -> list[str]:
    """Names of worlds separated by commas."""
    names = text.split(",")
    for name in names:
        if name not in plan.world_names():
            raise argparse.ArgumentTypeError(f"{name} gibt es nicht; es gibt {', '.join(plan.world_names())}")
    return names


def _instant(text: str) -> datetime:
    """An ISO instant; without offset it is meant in Europe/Berlin."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=BERLIN)


if __name__ == "__main__":
    sys.exit(main())
