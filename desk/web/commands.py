"""`desk` and `users`: the web page and who may sign in to it."""

import getpass
import ipaddress
import socket
import sys
from typing import Annotated, Any, NoReturn

import typer
from rich.markup import escape

from billing.system_words import cause_of
from config.problems import ConfigError, ConfigProblem
from desk import words
from desk.console import Exit, err, out, plain_errors, print_json, table
from desk.opening import AsJson, By, check_name, opened
from desk.web import passwords
from desk.web.access import Role
from desk.web.vault import is_sealed, vault_in
from flows.clock import Clock
from flows.wiring import House
from ledger import accounts, recovery_codes
from ledger.account_tables import AccountRow

PORT = 8040
LONGEST_NAME = 80

users = typer.Typer(help="Wer sich an der Webseite anmelden darf.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name, mit dem sich jemand anmeldet.")]
Clients = Annotated[
    list[str] | None, typer.Option("--client", help="Nur für diesen Mandanten (mehrfach möglich); sonst für alle.")
]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Passwort von der Standardeingabe lesen.")]


def serve(
    host: Annotated[str, typer.Option(help="Adresse, auf der die Seite antwortet.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Anschluss; 0 sucht einen freien.")] = PORT,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Unter diesem Namen rufen Browser die Seite auf (mehrfach möglich)."),
    ] = None,
    https: Annotated[bool, typer.Option("--https", help="Browser kommen über https (davor steht ein Proxy).")] = False,
    open_to_network: Annotated[
        bool, typer.Option("--open-to-network", help="Auch andere Rechner dürfen die Seite unverschlüsselt erreichen.")
    ] = False,
) -> None:
    """Startet die Webseite für Inhaber und Büro (nur auf dieser Maschine, bis man es anders will)."""
    # A web server takes half a second to load, and only this command needs one.
    import uvicorn

    from desk.web.app import create_app

    with plain_errors():
        if not (is_loopback(host) or open_to_network):
            raise ConfigError([_refused(host)])
        listener = _listening(host, port)
    with listener, opened() as house:
        _hint_first_user(house)
        with house.ledger.writing() as session:
            accounts.seal_secrets(session, is_sealed, lambda secret: vault_in(house.settings.secrets).seal(secret))
        app = create_app(house, names=(host, *(name or ())), is_secure=https)
        shown = f"[{host}]" if ":" in host else host
        out.print(escape(f"Die Tafel: http://{shown}:{listener.getsockname()[1]}/   (Ende mit Strg+C)"))
        config = uvicorn.Config(app, log_level="warning", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@users.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="owner alles; office; operator Technik; reader nur lesen.")] = Role.OWNER,
    client: Clients = None,
    from_input: FromInput = False,
    by: By = None,
) -> None:
    """Legt ein Konto an und fragt nach dem Passwort."""
    plain = _plain(name)
    with opened() as house:
        roles = _wanted(house, role, client)
        check_name(plain, LONGEST_NAME)
        hashed = _asked(from_input)
        try:
            with house.ledger.writing() as session:
                accounts.add(session, plain, hashed, roles, by or getpass.getuser(), Clock().now())
        except ValueError as error:
            _stop(str(error))
        out.print(escape(f"Das Konto {plain} kann sich anmelden."))


@users.command("list")
def show(as_json: AsJson = False) -> None:
    """Listet die Konten mit ihren Rollen."""
    with opened() as house, house.ledger.reading() as session:
        found: list[dict[str, Any]] = [
            {"name": row.name, "roles": roles, "second_factor": bool(row.totp_secret), "since": row.created_at}
            for row, roles in accounts.everyone(session)
        ]
    if as_json:
        print_json({"users": found})
        return
    cells = [
        (row["name"], _roles(row["roles"]), "ja" if row["second_factor"] else "nein", row["since"]) for row in found
    ]
    table("Konten", ("Name", "Rollen", "zweiter Faktor", "seit"), cells, free=("Rollen",))
    if not found:
        out.print("Keine Konten. Anlegen mit  rechnungsbote users add NAME")


@users.command("role")
def change_role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="owner alles; office; operator Technik; reader nur lesen.")],
    client: Clients = None,
    by: By = None,
) -> None:
    """Gibt einem Konto statt seiner bisherigen Rollen diese; gilt sofort, auch wenn jemand damit angemeldet ist."""
    with opened() as house:
        account, roles = _account(house, name), _wanted(house, role, client)
        with house.ledger.writing() as session:
            accounts.set_roles(session, account, roles, by or getpass.getuser(), Clock().now())
        where = ", ".join(client) if client else "alle Mandanten"
        out.print(escape(f"{account.name} ist jetzt {words.ROLES[role]} für {where}."))


@users.command()
def password(name: Name, from_input: FromInput = False, by: By = None) -> None:
    """Setzt ein neues Passwort; wer angemeldet war, muss sich neu anmelden."""
    with opened() as house:
        account = _account(house, name)
        hashed = _asked(from_input)
        with house.ledger.writing() as session:
            accounts.set_password(session, account, hashed, by or getpass.getuser(), Clock().now())
        out.print(escape(f"Das Passwort von {account.name} ist geändert."))


@users.command()
def remove(name: Name, by: By = None) -> None:
    """Entfernt ein Konto; was unter seinem Namen entschieden wurde, bleibt im Journal."""
    with opened() as house:
        account = _account(house, name)
        with house.ledger.writing() as session:
            accounts.remove(session, account, by or getpass.getuser(), Clock().now())
        out.print(escape(f"Das Konto {account.name} ist entfernt."))


@users.command("second-factor")
def second_factor(
    name: Name, off: Annotated[bool, typer.Option("--off", help="Abschalten, etwa nach Verlust des Telefons.")] = False,
    by: By = None,
) -> None:  # fmt: skip
    """Schaltet den zweiten Faktor ein (zeigt QR-Code und Ersatzcodes) oder ab."""
    with opened() as house:
        account = _account(house, name)
        secret = "" if off else passwords.new_secret()
        codes = [] if off else passwords.new_recovery_codes()
        sealed = vault_in(house.settings.secrets).seal(secret) if secret else ""
        with house.ledger.writing() as session:
            hashes = [passwords.recovery_hash(each) for each in codes]
            accounts.set_second_factor(session, account, sealed, by or getpass.getuser(), Clock().now(), hashes)
        if off:
            out.print(escape(f"{account.name} meldet sich wieder ohne zweiten Faktor an."))
            return
        passwords.show_in_terminal(passwords.address_of(account.name, secret))
        out.print(escape(f"Mit der App lesen, oder von Hand eingeben: {secret}"))
        _show_once(codes)


@users.command("recovery-codes")
def renew_recovery_codes(name: Name, by: By = None) -> None:
    """Zeigt neue Ersatzcodes für ein Konto mit zweitem Faktor; die bisherigen gelten nicht mehr."""
    with opened() as house:
        account = _account(house, name)
        if not account.totp_secret:
            _stop(
                f"{account.name} meldet sich ohne zweiten Faktor an und braucht keine Ersatzcodes.\n"
                f"Einschalten mit  rechnungsbote users second-factor {account.name}"
            )
        codes = passwords.new_recovery_codes()
        with house.ledger.writing() as session:
            hashes = [passwords.recovery_hash(each) for each in codes]
            recovery_codes.replace(session, account, hashes, by or getpass.getuser(), Clock().now())
        out.print(escape(f"Die bisherigen Ersatzcodes von {account.name} gelten nicht mehr."))
        _show_once(codes)


@users.command()
def unlock(
    name: Annotated[str | None, typer.Argument(help="Name eines Kontos; ohne ihn  --address.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Adresse, von der aus zu oft falsch angemeldet wurde, etwa 192.0.2.7.")
    ] = None,
    by: By = None,
) -> None:
    """Vergisst falsche Anmeldungen eines Kontos oder einer Adresse: die Viertelstunde Pause endet sofort."""
    if bool(name) == bool(address):
        raise typer.BadParameter("Bitte einen Namen oder  --address  nennen.")
    with opened() as house:
        whose = _account(house, name).name if name else ""
        place = (address or "").strip()
        with house.ledger.writing() as session:
            who, now = by or getpass.getuser(), Clock().now()
            tries = accounts.lift_brake(session, who, now, name=whose, address=place)
        out.print(escape(f"Falsche Anmeldungen von {whose or place} vergessen: {tries}."))


def _account(house: House, name: str) -> AccountRow:
    with house.ledger.reading() as session:
        found = accounts.find(session, _plain(name))
    return found or _stop(f"Ein Konto {_plain(name)} gibt es nicht.")


def _wanted(house: House, role: Role, clients: list[str] | None) -> dict[str, str]:
    for each in clients or ():
        house.client(each)
    return dict.fromkeys(clients or [accounts.EVERYONE], role.value)


def _roles(roles: dict[str, str]) -> str:
    return ", ".join(f"{_where(client)}: {words.ROLES.get(role, role)}" for client, role in roles.items())


def _show_once(codes: list[str]) -> None:
    out.print("Ersatzcodes, falls das Telefon fehlt; jeder gilt einmal, und sie stehen nur jetzt hier:")
    for each in codes:
        out.print(f"  {each}")


def _where(client: str) -> str:
    return "alle Mandanten" if client == accounts.EVERYONE else client


def _plain(name: str) -> str:
    return name.strip().lower()


def _asked(from_input: bool) -> str:
    given = sys.stdin.readline().rstrip("\n") if from_input else typer.prompt("Passwort", hide_input=True)
    if not from_input and typer.prompt("Noch einmal", hide_input=True) != given:
        _stop("Die beiden Eingaben sind verschieden.")
    try:
        return passwords.hash_of(given)
    except ValueError as error:
        _stop(str(error))


def _hint_first_user(house: House) -> None:
    with house.ledger.reading() as session:
        if not accounts.everyone(session):
            err.print("Noch kann sich niemand anmelden. Das erste Konto:  rechnungsbote users add NAME")


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        message = f"Hier kann die Seite nicht antworten ({cause_of(error)})."
        problem = ConfigProblem("desk", 0, "--port", message, "Mit --port einen anderen Anschluss wählen.", str(port))
        raise ConfigError([problem]) from None


def _refused(host: str) -> ConfigProblem:
    message = "Von anderen Rechnern aus wären Passwörter und Rechnungen unverschlüsselt unterwegs."
    cure = "Auf 127.0.0.1 lassen und einen Proxy mit https davorstellen (--https --name NAME), oder --open-to-network."
    return ConfigProblem("desk", 0, "--host", message, cure, host)


def _stop(text: str) -> NoReturn:
    err.print(escape(text))
    raise typer.Exit(Exit.CONFIGURATION)
