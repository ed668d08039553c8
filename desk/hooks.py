"""`webhooks`: where a client's own programs are told, whether they hear it, and a test message."""

import base64
import secrets
from typing import Annotated

import typer
from rich.markup import escape

from connectors.errors import ConnectorError
from connectors.webhook_post import PREFIX
from desk.console import Exit, err, out, print_json, table
from desk.opening import AsJson, ClientName, chosen, opened, opened_for
from flows.chain.announce import trial_body
from flows.clock import Clock
from flows.connections import secrets_in_use
from flows.hooks import Hook, hooks_of
from ledger import webhooks

KEY_BYTES = 32

app = typer.Typer(help="Meldungen an eigene Programme.", no_args_is_help=True)


@app.command("list")
def show(client: ClientName = None, as_json: AsJson = False) -> None:
    """Zeigt jede Adresse mit ihren Meldungen: zugestellt, wartend, aufgegeben, und was sie aufhält."""
    with opened_for(client) as (house, clients):
        names = [loaded.config.name for loaded in clients]
        urls = {(each.config.name, name): hook.url for each in clients for name, hook in each.config.webhooks.items()}
        with house.ledger.reading() as session:
            queues = {(queue.client, queue.name): queue for queue in webhooks.queues(session, names)}
        if as_json:
            shown = [{"client": c, "name": n, "url": url, "queue": queues.get((c, n))} for (c, n), url in urls.items()]
            print_json({"webhooks": shown})
            return
        columns = ("Mandant", "Name", "Adresse", "zugestellt", "wartet", "aufgegeben", "nächster Versuch", "Grund")
        rows = [(*key, url, *_figures(queues.get(key))) for key, url in urls.items()]
        table("Meldungen", columns, rows, figures=columns[3:6], free=("Adresse", "Grund"))
        if not rows:
            out.print("Keine Adressen eingetragen (webhooks: in der Mandantendatei).")


@app.command("test")
def try_out(
    name: Annotated[str | None, typer.Argument(help="Name der Adresse; ohne ihn alle.")] = None,
    client: ClientName = None,
) -> None:
    """Sendet jeder Adresse sofort eine unterschriebene Probemeldung (Ende 0 angenommen, 1 nicht, 2 keine Adresse)."""
    with opened() as house:
        found = [
            (loaded.config.name, hook)
            for loaded in chosen(house, client)
            for hook in hooks_of(house.settings, loaded, secrets_in_use.update)
            if name in (None, hook.name)
        ]
    if not found:
        err.print(escape(f"Keine Adresse {name or ''} eingetragen (webhooks: in der Mandantendatei)."))
        raise typer.Exit(Exit.CONFIGURATION)
    taken = [_try(owner, hook) for owner, hook in found]
    raise typer.Exit(Exit.FINE if all(taken) else Exit.LOOK)


@app.command()
def secret() -> None:
    """Erzeugt einen neuen Schlüssel für die Unterschrift; er gehört in den Ordner secrets und zum Empfänger."""
    typer.echo(PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())


def _try(owner: str, hook: Hook) -> bool:
    now = Clock().now()
    try:
        status = hook.poster.post(f"msg_test{secrets.token_hex(12)}", trial_body(owner, now).encode(), now)
    except ConnectorError as error:
        err.print(escape(f"{owner}, {hook.name}: {error.message}"))
        return False
    out.print(escape(f"{owner}, {hook.name}: angenommen ({status})."))
    return True


def _figures(queue: webhooks.Queue | None) -> tuple[object, ...]:
    if queue is None:
        return (0, 0, 0, "", "")
    return (queue.delivered, queue.waiting, queue.given_up, queue.next_try, queue.error)
