"""The command `rechnungsbote`: the operator's contract."""

import getpass
import os
import re
import subprocess
import sys
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from billing.calendar import BERLIN
from config.client import policies_of
from config.loading import LoadedClient, load_clients
from config.problems import ConfigError
from config.settings import load_settings
from connectors import breaker, rate
from desk import (
    account,
    analysing,
    answers,
    bank_access,
    bounces,
    brakes,
    checking,
    contracting,
    customers,
    deciding,
    events,
    hooks,
    levers,
    limitation,
    looking,
    operating,
    papers,
    planning,
    purging,
    rates,
    rehearsing,
    running,
    safekeeping,
    streams,
    worktimes,
)
from desk import demo as demonstration
from desk import health as condition
from desk import (
    status as overview,
)
from desk.console import Exit, err, out, plain_errors
from desk.deployments import deployments_of
from desk.opening import (
    Amount,
    AsJson,
    By,
    ClientName,
    Identity,
    Number,
    Reason,
    Until,
    chosen,
    conceivable,
    euros,
    opened,
    opened_for,
    word,
)
from desk.panels import arrange
from desk.phrases import speak_german
from desk.web import commands as web
from desk.web import tokens
from flows.around import around_all
from flows.chain.steps import RECONCILE
from flows.clock import Clock
from flows.logs import configure_logging
from flows.wiring import BREAKERS, QUOTA, House
from ledger.database import Ledger, upgrade
from ledger.invoices import customer_number
from ledger.levers import Kind
from ledger.tables import InvoiceRow

app = typer.Typer(
    name="rechnungsbote",
    help="Aus erledigten Aufträgen werden Rechnungen: versandt, verfolgt und angemahnt, bis sie bezahlt sind.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
SURROGATE = re.compile("[\ud800-\udfff]")
"""What Python makes of a byte that is no text; no ledger takes it."""

db = typer.Typer(help="Das Hauptbuch.", no_args_is_help=True)
app.add_typer(db, name="db")
payment = typer.Typer(help="Zahlungseingänge.", no_args_is_help=True)
app.add_typer(payment, name="payment")
app.command()(events.receive)
app.command("plan")(planning.show_plan)
app.add_typer(events.app, name="events")
app.add_typer(hooks.app, name="webhooks")
app.add_typer(bounces.app, name="bounce")
app.command("analysis")(analysing.show)
app.command("customer")(customers.show)
app.add_typer(account.app, name="account")
app.add_typer(operating.app)
app.add_typer(web.users, name="users")
app.add_typer(tokens.app, name="tokens")
app.command("desk")(web.serve)
app.command()(limitation.expiring)
app.command()(answers.accept)
app.add_typer(rates.app, name="base-rates")
app.add_typer(worktimes.app, name="times")
app.add_typer(contracting.app, name="contracts")


for brake in (brakes.stop, brakes.go, brakes.adopt):
    app.command()(brake)


def main() -> None:
    """Entry point of the console command."""
    streams.steady()
    try:
        if any(SURROGATE.search(typed) for typed in sys.argv):
            err.print("Das Getippte ist nicht lesbar: es ist nicht in UTF-8 geschrieben.")
            raise SystemExit(Exit.CONFIGURATION)
        app()
    finally:
        streams.flush()


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Ordner, in dem alles liegen wird.")] = Path("demo"),
    days: Annotated[int, typer.Option(min=1, max=120, help="So viele Tage werden gespielt; sie enden heute.")] = 45,
) -> None:
    """Spielt 45 Tage zweier Betriebe im Zeitraffer: Rechnungen, Mails, Zahlungen, Erinnerungen."""
    with plain_errors():
        raise typer.Exit(demonstration.demo(folder, days))


@app.command()
def check(as_json: AsJson = False) -> None:
    """Prüft Einstellungen, Mandanten und Geheimnisse, ohne etwas zu verbinden (Ende 0 in Ordnung, 2 Fehler)."""
    with plain_errors():
        raise typer.Exit(checking.check(load_settings(), as_json))


@app.command()
def run(
    client: ClientName = None,
    at: Annotated[
        datetime | None,
        typer.Option(callback=conceivable, help="Nur für Proben: dieser Zeitpunkt gilt als Gegenwart (Europe/Berlin)."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Liest, entscheidet und zeigt, was hinausginge; tut sonst nichts.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Führt einen ganzen Durchlauf aus und endet: abholen, schreiben, versenden, Zahlungen prüfen, erinnern.

    Ende 0: alles in Ordnung. 1: etwas ist angehalten, fehlgeschlagen oder unklar (siehe status). 2: Konfiguration.
    3: nichts erreichbar.
    """
    with opened_for(client) as (house, clients):
        carry_out = rehearsing.rehearse if dry_run else running.run_clients
        raise typer.Exit(carry_out(house, clients, _aware(at), as_json=as_json))


@app.command()
def status(client: ClientName = None, as_json: AsJson = False) -> None:
    """Zeigt, was wo steht: Forderungen, Angehaltenes, Unklares mit Belegen, Aufgaben."""
    with opened_for(client) as (house, clients):
        usage = rate.usage(house.settings.home / QUOTA)
        resting = breaker.standings(house.settings.home / BREAKERS, Clock().now().timestamp())
        overview.show(house, around_all(clients), Clock().today(), usage, resting, as_json)


@app.command()
def show(number: Number, client: ClientName = None, as_json: AsJson = False) -> None:
    """Zeigt eine Rechnung mit ihrem ganzen Verlauf und ihren Belegen."""
    with opened() as house:
        looking.show_invoice(house.ledger, _invoice(house, number, client), as_json)


@app.command()
def why(
    number: Number,
    client: ClientName = None,
    as_json: AsJson = False,
    again: Annotated[bool, typer.Option("--recompute", help="Rechnet mit den gespeicherten Tatsachen nach.")] = False,
) -> None:
    """Sagt, warum erinnert wurde oder warum nicht."""
    with opened() as house:
        row = _invoice(house, number, client)
        around = around_all([house.client(row.client)])[row.client]
        is_same_again = looking.recompute(house.ledger, row) if again else None
        looking.explain(house.ledger, row, around, Clock().today(), is_same_again, as_json)
        if is_same_again is False:
            raise typer.Exit(Exit.LOOK)


@app.command()
def certify(connector: Annotated[str, typer.Argument(help="Anschluss, etwa lexoffice oder sevdesk.")]) -> None:
    """Prüft einen Anschluss auf der Bühne gegen alle Regeln und druckt einen Bericht (nur aus dem Quellbaum)."""
    command = [sys.executable, "-m", "tests.connectors.conformance.certify", connector]
    raise typer.Exit(subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode)


@app.command()
def reconcile(client: ClientName = None) -> None:
    """Klärt jetzt, was Abstürze und Störungen offen gelassen haben, ohne etwas Neues zu beginnen."""
    with opened_for(client) as (house, clients):
        raise typer.Exit(running.run_clients(house, clients, None, as_json=False, steps=(RECONCILE,)))


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Prüft das ganze Archiv und das Journal und nennt, was nachträglich verändert wurde (Ende 1)."""
    with opened() as house:
        raise typer.Exit(checking.verify(house, as_json))


@app.command()
def arrived(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Entscheidet: die Mail unbekannten Schicksals ist angekommen."""
    _decide("arrived", number, reason, by, client)


@app.command()
def resend(
    number: Number,
    reason: Reason,
    copy: Annotated[
        bool, typer.Option("--copy", help="Die Mail kam an, der Kunde hat sie aber nicht: als Zweitschrift senden.")
    ] = False,
    by: By = None,
    client: ClientName = None,
) -> None:
    """Entscheidet: die archivierten Bytes werden erneut gesendet; mit --copy als Zweitschrift."""
    if not copy:
        _decide("resend", number, reason, by, client)
        return
    with opened() as house:
        row = _invoice(house, number, client)
        out.print(escape(deciding.duplicate(house.ledger, row.id, word(reason, by), Clock().now())))


@app.command()
def retry(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Entscheidet: was abgelehnt wurde, fehlschlug oder angehalten ist, wird gleich noch einmal versucht."""
    with opened() as house:
        with house.ledger.reading() as session:
            is_invoice = bool(looking.find_invoice(session, number, client))
        if not is_invoice:
            out.print(escape(deciding.retry_job(house.ledger, number, client, word(reason, by), Clock().now())))
            return
    _decide("retry", number, reason, by, client)


@app.command("give-up")
def give_up(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Entscheidet: der offene Vorgang wird aufgegeben."""
    _decide("give-up", number, reason, by, client)


@app.command()
def hold(
    number: Number,
    reason: Reason,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Letzter Tag der Sperre.")] = None,
    by: By = None,
    client: ClientName = None,
) -> None:
    """Hält eine Rechnung an: keine Mail, keine Erinnerung, bis zu einem Tag oder bis release."""
    with opened() as house:
        row = _invoice(house, number, client)
        day = until.date() if until else None
        out.print(escape(deciding.hold(house.ledger, row.id, day, word(reason, by), Clock().now())))


@app.command()
def release(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Hebt eine Sperre auf."""
    with opened() as house:
        row = _invoice(house, number, client)
        out.print(escape(deciding.release(house.ledger, row.id, word(reason, by), Clock().now())))


@app.command()
def block(
    reason: Reason,
    number: Annotated[str | None, typer.Argument(help="Rechnungsnummer; ohne sie  --customer.")] = None,
    customer: Annotated[str | None, typer.Option(help="Kundennummer oder Name: alle seine Rechnungen.")] = None,
    until: Until = None,
    by: By = None,
    client: ClientName = None,
) -> None:
    """Mahnsperre für eine Rechnung oder einen ganzen Kunden."""
    _one_of(number, customer)
    if number:
        _pull(Kind.BLOCK, number, reason, by, client, None, until)
        return
    with opened() as house:
        name = _only(house, client).config.name
        said, day = word(reason, by), until.date() if until else None
        out.print(escape(levers.block_customer(house.ledger, name, customer or "", day, said, Clock().now())))


@app.command()
def promise(
    number: Number,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Tag der zugesagten Zahlung.")],
    amount: Amount = None,
    reason: Reason = "Zahlung zugesagt",
    by: By = None,
    client: ClientName = None,
) -> None:
    """Der Kunde hat Zahlung zugesagt: bis dahin wird gewartet, danach geht es sofort weiter."""
    _pull(Kind.PROMISE, number, reason, by, client, amount, on)


@app.command()
def dispute(number: Number, reason: Reason, amount: Amount = None, by: By = None, client: ClientName = None) -> None:
    """Der Kunde bestreitet die Forderung, ganz oder einen Betrag davon: keine Mahnung von selbst."""
    _pull(Kind.DISPUTE, number, reason, by, client, amount, None)


@app.command()
def extend(
    number: Number,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Letzter Tag der Stundung.")],
    reason: Reason = "Stundung gewährt",
    by: By = None,
    client: ClientName = None,
) -> None:
    """Stundet eine Rechnung: sie ist erst danach fällig, und ohne Verzug bis dahin."""
    _pull(Kind.EXTENSION, number, reason, by, client, None, until)


@app.command("write-off")
def write_off(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Vermerkt eine Forderung als uneinbringlich."""
    _pull(Kind.WRITE_OFF, number, reason, by, client, None, None)


@app.command()
def cancel(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Storniert eine Rechnung mit dem nächsten Durchlauf, wo die Buchhaltung es kann; gemahnt wird ab sofort nicht."""
    with opened() as house:
        row = _invoice(house, number, client)
        out.print(escape(deciding.cancel(house, row.id, row.client, word(reason, by), Clock().now())))


@app.command()
def lift(
    what: Annotated[Kind, typer.Argument(help="Was endet.")],
    reason: Reason,
    number: Annotated[str | None, typer.Argument(help="Rechnungsnummer; ohne sie  --customer.")] = None,
    customer: Annotated[str | None, typer.Option(help="Kunde, dessen Sperre endet.")] = None,
    by: By = None,
    client: ClientName = None,
) -> None:
    """Beendet Sperre, Zusage, Streit, Stundung oder Ausbuchung."""
    _one_of(number, customer)
    with opened() as house:
        said, now = word(reason, by), Clock().now()
        if number:
            text = levers.lift(house.ledger, _invoice(house, number, client).id, what, said, now)
        else:
            name = _only(house, client).config.name
            text = levers.lift_customer(house.ledger, name, customer or "", said, now)
        out.print(escape(text))


@app.command()
def tasks(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet, was Menschen zu tun haben."""
    with opened_for(client) as (house, clients):
        levers.show_tasks(house.ledger, [loaded.config.name for loaded in clients], as_json)


@app.command()
def done(task: Identity, by: By = None) -> None:
    """Hakt eine Aufgabe ab."""
    with opened() as house:
        out.print(escape(levers.done(house.ledger, task, by or getpass.getuser(), Clock().now())))


@payment.command("add")
def payment_add(
    number: Number,
    amount: Annotated[Decimal, typer.Argument(parser=euros, metavar="BETRAG", help="Betrag in Euro.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Tag des Eingangs.")],
    by: By = None,
    client: ClientName = None,
) -> None:
    """Bucht eine Zahlung von Hand, etwa Bargeld."""
    with opened() as house:
        row = _invoice(house, number, client)
        who = by or getpass.getuser()
        out.print(escape(levers.add_payment(house.ledger, row.id, amount, on.date(), who, Clock().now())))


@payment.command("undo")
def payment_undo(number: Number, reason: Reason, by: By = None, client: ClientName = None) -> None:
    """Nimmt die zuletzt von Hand gebuchte Zahlung einer Rechnung zurück, durch eine Gegenbuchung."""
    with opened() as house:
        row = _invoice(house, number, client)
        out.print(escape(levers.take_payment_back(house.ledger, row.id, word(reason, by), Clock().now())))


@payment.command("list")
def payment_list(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet Zahlungen, die noch niemand zugeordnet hat, mit Vorschlag und Gründen."""
    with opened_for(client) as (house, clients):
        levers.show_payments(house.ledger, [loaded.config.name for loaded in clients], as_json)


@payment.command("confirm")
def payment_confirm(
    identity: Identity,
    number: Annotated[str | None, typer.Option(help="Rechnung, falls nicht der Vorschlag gilt.")] = None,
    by: By = None,
) -> None:
    """Bucht einen Vorschlag, wie er ist, oder auf eine andere Rechnung."""
    with opened() as house:
        who = by or getpass.getuser()
        out.print(escape(levers.confirm_payment(house.ledger, identity, number, who, Clock().now())))


@payment.command("access")
def payment_access(client: ClientName = None) -> None:
    """Bestätigt bei der Bank mit TAN oder App, dass Umsätze gelesen werden dürfen (FinTS); etwa alle 90 Tage nötig."""
    with opened() as house:
        out.print(escape(bank_access.confirm(house, _only(house, client))))


@payment.command("reject")
def payment_reject(
    identity: Identity,
    reason: Reason,
    foreign: Annotated[bool, typer.Option("--foreign", help="Gehört zu gar keiner Rechnung: abhaken.")] = False,
    by: By = None,
) -> None:
    """Lehnt den Vorschlag zu einer Zahlung ab; sie wartet weiter, oder ist mit --foreign erledigt."""
    with opened() as house:
        said = word(reason, by)
        out.print(escape(levers.reject_payment(house.ledger, identity, said, Clock().now(), is_foreign=foreign)))


@app.command("dunning-preview")
def dunning_preview(
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], callback=conceivable, help="Für diesen Tag.")
    ] = None,
    client: ClientName = None,
    as_json: AsJson = False,
) -> None:
    """Zeigt, wer an einem Tag was bekäme, warum und was es ihn kostet; versendet nichts."""
    with opened_for(client) as (house, clients):
        wanted = day.date() if day else Clock().today()
        noon = datetime.combine(wanted, time(12), BERLIN)
        levers.show_preview(house, clients, wanted, noon, as_json)


@app.command()
def preview(
    kind: Annotated[str, typer.Argument(help="Art (rechnung, storno, mahnung-1, …) oder eine Rechnungsnummer.")],
    client: ClientName = None,
    customer: Annotated[
        str | None, typer.Option(help="Kundennummer: zeigt den Beleg zu dessen letzter Rechnung.")
    ] = None,
    png: Annotated[bool, typer.Option("--png", help="Auch Bilder der Seiten schreiben.")] = False,
    folder: Annotated[Path, typer.Option(help="Wohin geschrieben wird.")] = Path(),
) -> None:
    """Schreibt einen Musterbeleg als PDF, so wie er für Mandant und Kunde aussieht. Nichts wird verbucht."""
    with opened() as house:
        loaded = house.client(client) if client else None
        raise typer.Exit(papers.show_preview(house, kind, loaded, customer, folder, png=png))


@app.command("lint-templates")
def lint_templates(client: ClientName = None, as_json: AsJson = False) -> None:
    """Prüft die zentralen Vorlagen und die der Mandanten (Ende 0 in Ordnung, 2 Mängel)."""
    with plain_errors():
        clients, problems = load_clients(load_settings())
        if problems:
            raise ConfigError(problems)
        named = [loaded for loaded in clients if client in (None, loaded.config.name)]
        if client and not named:
            raise typer.BadParameter(f"Den Mandanten {client} gibt es nicht.")
        raise typer.Exit(papers.lint_templates(named, as_json))


@app.command()
def deployments() -> None:
    """Schreibt deployments.yaml für Prefect aus den Zeitplänen aller Mandanten (auf die Standardausgabe)."""
    with plain_errors():
        clients, problems = load_clients(load_settings())
        if problems:
            raise ConfigError(problems)
        typer.echo(deployments_of(loaded.config for loaded in clients), nl=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def sandbox(context: typer.Context) -> None:
    """Startet die Übungsbühne: eine nachgestellte Lexware-Schnittstelle und ein Mailserver auf dieser Maschine."""
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *context.args])  # noqa: S606 no shell is wanted


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="Ordner der Sicherungen; das Archiv darin teilen sie sich.")],
    keep: Annotated[int, typer.Option(min=0, help="So viele Sicherungen behalten; 0 behält alle.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Sichert Hauptbuch, Archiv und Mandanten, während weitergearbeitet wird (ohne Geheimnisse)."""
    with opened() as house:
        raise typer.Exit(safekeeping.make(house, target, keep, as_json))


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="Eine Sicherung, etwa sicherung/2026-11-21T22-30-00Z.")],
    check_only: Annotated[bool, typer.Option("--check", help="Nur die Probe an einem leeren Ort.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stellt eine Sicherung am leeren Ort der Einstellungen wieder her, oder probt es nur.

    Ende 0: Zeile für Zeile und Byte für Byte gleich. 1: Fehler, einzeln genannt.
    """
    with plain_errors():
        raise typer.Exit(
            safekeeping.drill(folder, as_json) if check_only else safekeeping.restore(load_settings(), folder, as_json)
        )


@app.command()
def purge(
    delete: Annotated[bool, typer.Option("--delete", help="Auch löschen; ohne das wird nur gezeigt.")] = False,
    reason: Annotated[str, typer.Option(help="Warum; steht mit Namen und Zeit im Journal.")] = "Frist abgelaufen",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Listet, wessen Aufbewahrungsfrist um ist (§ 147 AO: Rechnungen und Verträge 8, Briefe 6 Jahre), und löscht es."""
    with opened() as house:
        clock = Clock()
        said = word(reason, by) if delete else None
        raise typer.Exit(purging.purge(house, clock.today(), clock.now(), said, as_json))


@app.command()
def health(as_json: AsJson = False) -> None:
    """Sagt, ob diese Installation arbeiten kann: Hauptbuch, Archiv, Platz, Mandanten (Ende 0 ja, 3 nein)."""
    with plain_errors():
        raise typer.Exit(condition.health(load_settings(), as_json))


@app.command()
def metrics(client: ClientName = None) -> None:
    """Gibt Zahlen für Prometheus aus (auch unter /api/v1/metrics, mit Token)."""
    with opened() as house:
        # A file with mistakes leaves the code 0: else a collector would drop the figures of all others.
        clients, clock = around_all(chosen(house, client)), Clock()
        # Nothing else needs the library of Prometheus.
        from desk.metrics import exposition

        typer.echo(exposition(house.ledger, clients, clock.today(), clock.now()).decode(), nl=False)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bringt das Hauptbuch auf den Stand dieses Programms. Vorher alle Läufe anhalten und sichern."""
    with plain_errors():
        settings = load_settings()
        configure_logging(settings)
        ledger = Ledger(settings.database_url)
        upgrade(ledger)
        ledger.close()
        out.print("Das Hauptbuch ist auf dem neuesten Stand.")


def _invoice(house: House, number: str, client: str | None) -> InvoiceRow:
    with house.ledger.reading() as session:
        found = looking.find_invoice(session, number, client)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(row.client for row in found)
        err.print(escape(f"{number} gibt es bei mehreren Mandanten ({names}). Bitte --client angeben."))
    else:
        err.print(escape(f"Eine Rechnung {number} kennt das Hauptbuch nicht."))
    raise typer.Exit(Exit.CONFIGURATION)


def _decide(verb: str, number: str, reason: str, by: str | None, client: str | None) -> None:
    with opened() as house:
        row = _invoice(house, number, client)
        policy = policies_of(house.client(row.client).config).of(customer_number(row))
        out.print(escape(deciding.decide(house.ledger, row.id, verb, policy, word(reason, by), Clock().now())))


def _pull(
    kind: Kind, number: str, reason: str, by: str | None, client: str | None, amount: Decimal | None,
    until: datetime | None,
) -> None:  # fmt: skip
    with opened() as house:
        row, day = _invoice(house, number, client), until.date() if until else None
        text = levers.pull(house.ledger, row.id, kind, word(reason, by), amount, day, Clock().now())
        out.print(escape(text))


def _one_of(number: str | None, customer: str | None) -> None:
    if number and customer:
        raise typer.BadParameter("Bitte eine Rechnung oder  --customer  nennen, nicht beides.")


def _only(house: House, client: str | None) -> LoadedClient:
    clients = chosen(house, client)
    if len(clients) != 1:
        raise typer.BadParameter("Bitte --client angeben.")
    return clients[0]


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=BERLIN) if at else None


arrange(app)
speak_german(app)

if __name__ == "__main__":
    main()
