"""`tokens`: programs that may call the interface, each with a token that is shown once."""

import getpass
import secrets
from typing import Annotated

import typer
from rich.markup import escape
from starlette.requests import Request

from desk import words
from desk.console import Exit, err, out, print_json, table
from desk.opening import AsJson, By, check_name, opened
from desk.web.access import API, Person, Role, desk_of, expanded, hashed
from flows.clock import Clock
from ledger import tokens
from ledger.accounts import EVERYONE

PREFIX = "rb_"
SCHEME = "bearer"
LONGEST_NAME = 60

app = typer.Typer(help="Programme, die die Schnittstelle (API) benutzen dürfen.", no_args_is_help=True)


def by_token(request: Request) -> Person | None:
    """The program whose token stands in the request; only the interface takes tokens, and no page."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME or not secret.startswith(PREFIX) or not request.url.path.startswith(API):
        return None
    desk, now = desk_of(request), desk_of(request).clock.now()
    with desk.house.ledger.reading() as session:
        row = tokens.find(session, hashed(secret.strip()))
    if row is None:
        return None
    if row.used_at is None or row.used_at < now - tokens.TOUCH:
        with desk.house.ledger.writing() as session:
            tokens.touch(session, row.id, now)
    return Person(f"Programm {row.name}", expanded(row.roles, desk.client_names))


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name des Programms; unter ihm steht im Journal, was es tat.")],
    role: Annotated[Role, typer.Option(help="owner alles; office; operator Technik; reader nur lesen.")] = Role.READER,
    client: Annotated[
        list[str] | None, typer.Option("--client", help="Nur für diesen Mandanten (mehrfach möglich); sonst für alle.")
    ] = None,
    by: By = None,
) -> None:
    """Gibt einem Programm ein Token. Es wird nur dieses eine Mal gezeigt."""
    plain = name.strip()
    with opened() as house:
        for each in client or ():
            house.client(each)
        check_name(plain, LONGEST_NAME)
        secret = PREFIX + secrets.token_urlsafe(32)
        roles = dict.fromkeys(client or [EVERYONE], role.value)
        try:
            with house.ledger.writing() as session:
                tokens.add(session, plain, hashed(secret), roles, by or getpass.getuser(), Clock().now())
        except ValueError as error:
            _stop(str(error))
    typer.echo(secret)
    err.print("Dieses Token wird nicht noch einmal gezeigt. Benutzt wird es als  Authorization: Bearer …")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """Listet die gültigen Tokens mit ihren Rollen, nie das Token selbst."""
    with opened() as house, house.ledger.reading() as session:
        rows = tokens.everyone(session)
    if as_json:
        names = ("name", "roles", "created_at", "created_by", "used_at")
        print_json({"tokens": [{name: getattr(row, name) for name in names} for row in rows]})
        return
    cells = [(row.name, _roles(row.roles), row.created_at, row.created_by, row.used_at or "nie") for row in rows]
    table("Tokens", ("Name", "Rolle", "seit", "von", "zuletzt benutzt"), cells, free=("Rolle",))
    if not rows:
        out.print("Keine Tokens.")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name des Programms.")], by: By = None) -> None:
    """Nimmt einem Programm das Token; es gilt sofort nicht mehr."""
    with opened() as house:
        with house.ledger.writing() as session:
            is_revoked = tokens.revoke(session, name, by or getpass.getuser(), Clock().now())
        if not is_revoked:
            _stop(f"Ein gültiges Token {name} gibt es nicht.")
        out.print(escape(f"Das Token {name} gilt nicht mehr."))


def _roles(roles: dict[str, str]) -> str:
    told = {client: words.ROLES.get(role, role) for client, role in roles.items()}
    return ", ".join(role if client == EVERYONE else f"{role} ({client})" for client, role in told.items())


def _stop(text: str) -> None:
    err.print(escape(text))
    raise typer.Exit(Exit.CONFIGURATION)
