"""`times`: recorded work: what there is, what it will come to, approving and rejecting it, taking in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from billing.collective import Month
from billing.system_words import cause_of
from billing.vat import line_amount
from billing.work_entries import HOUR
from config.loading import LoadedClient, problem_at
from config.problems import ConfigError
from config.times import TimesSection
from connectors import times_csv
from desk.console import Exit, err, german, out, print_json, table
from desk.opening import AsJson, By, ClientName, Reason, opened, opened_for, word
from flows.chain.monthly import Expected, expected
from flows.chain.times import intake_of
from flows.clock import Clock
from flows.wiring import House
from ledger import reopening, times
from ledger.overrides import NothingToDecide
from ledger.time_tables import WorkEntryRow
from ledger.times import State

app = typer.Typer(help="Erfasste Zeiten: ansehen, freigeben, Vorschau, einlesen.")

LARGEST = 20_000_000
IMPORTED = "datei:"
STATES = {
    State.RECORDED: "erfasst",
    State.APPROVED: "freigegeben",
    State.REJECTED: "abgelehnt",
    State.BILLED: "abgerechnet",
    State.COVERED: "im Kontingent",
    State.WITHDRAWN: "gelöscht",
}
MonthName = Annotated[str | None, typer.Option("--month", help="Monat, etwa 2026-10.")]
CustomerKey = Annotated[str | None, typer.Option("--customer", help="Kundennummer, ohne Nummer der Name.")]
Ids = Annotated[list[int] | None, typer.Option("--id", help="Nur dieser Eintrag (mehrfach möglich).")]


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context, client: ClientName = None, month: MonthName = None, customer: CustomerKey = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Listet erfasste Zeiten: ohne Monat alles, was noch nicht abgerechnet ist."""
    if context.invoked_subcommand:
        return
    with opened_for(client) as (house, clients):
        wanted = month_of(month)
        names = [loaded.config.name for loaded in _with_times(house, clients, client)]
        with house.ledger.reading() as session:
            found = times.rows(
                session, names, customer=customer, since=wanted.first if wanted else None,
                until=wanted.last if wanted else None, states=None if wanted else times.OPEN,
            )  # fmt: skip
        if as_json:
            print_json({"entries": [plain(row) for row in found]})
            return
        columns = ("Nr.", "Mandant", "Kunde", "Tag", "Wer", "Ticket", "Was", "Stunden", "Stand")
        table("Zeiten", columns, map(_cells, found), figures=("Stunden",), free=("Was",), cut=("Kunde",))
        hours = clock(sum(row.minutes for row in found if row.is_billable))
        out.print(escape(f"{counted(len(found))}, {hours} abrechenbare Stunden wie erfasst."))


@app.command()
def approve(
    month: MonthName = None, customer: CustomerKey = None, ids: Ids = None, client: ClientName = None,
    reason: Reason = "geprüft", by: By = None,
) -> None:  # fmt: skip
    """Gibt erfasste Zeiten frei; ab dem Abrechnungstag stehen sie auf der Sammelrechnung."""
    _decide(month, customer, ids, client, reason, by, is_approved=True)


@app.command()
def reject(
    reason: Reason, month: MonthName = None, customer: CustomerKey = None, ids: Ids = None, client: ClientName = None,
    by: By = None,
) -> None:  # fmt: skip
    """Lehnt Zeiten ab: sie werden nicht berechnet. Zurück mit  times approve --id."""
    _decide(month, customer, ids, client, reason, by, is_approved=False)


@app.command()
def reopen(
    name: Annotated[str, typer.Argument(help="Rechnungsnummer, Vorgangszeichen RB-… oder Auftragsnummer Z-….")],
    client: Annotated[str, typer.Option("--client", help="Kurzname des Mandanten.")],
    reason: Reason, by: By = None,
) -> None:  # fmt: skip
    """Gibt die Zeiten einer stornierten oder nie entstandenen Sammelrechnung zurück: sie werden neu abgerechnet."""
    with opened() as house:
        known = house.client(client).config.name
        with house.ledger.writing() as session:
            number = reopening.reopen(session, known, name, word(reason, by), Clock().now())
        out.print(escape(f"{counted(number)} wieder frei; der nächste Durchlauf rechnet neu ab."))


@app.command()
def preview(month: MonthName = None, client: ClientName = None, as_json: AsJson = False) -> None:
    """Zeigt, was für einen Monat je Kunde berechnet würde, wenn alles Offene freigegeben ist; tut sonst nichts."""
    with opened_for(client) as (house, clients):
        wanted = month_of(month) or Month.of(Clock().today()).before
        found: list[tuple[str, Expected]] = []
        with house.ledger.reading() as session:
            for loaded in _with_times(house, clients, client):
                found += [(loaded.config.name, each) for each in expected(session, loaded.config, wanted)]
        if as_json:
            print_json({"month": str(wanted), "invoices": [_expected(name, each) for name, each in found]})
            return
        for name, each in found:
            _tell(name, each)
        count = counted(len(found), "Sammelrechnung", "Sammelrechnungen")
        out.print(escape(f"{count} bis {german(wanted.last)}; noch ist nichts berechnet."))


@app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="CSV-Datei; Spalten wie in docs/zeiten.md.")],
    client: Annotated[str, typer.Option("--client", help="Kurzname des Mandanten.")],
) -> None:
    """Liest Zeiten aus einer Datei ein: alle oder, wenn eine Zeile nicht stimmt, keine. Zweimal schadet nicht."""
    with opened() as house:
        section = section_of(house, house.client(client))
        found = _read(file)
        early = [entry for entry in found if entry.day < section.since]
        kept = [entry for entry in found if entry.day >= section.since]
        with house.ledger.writing() as session:
            outcomes = times.receive(session, client, kept, intake_of(section), Clock().now())
        counts = ", ".join(f"{outcomes.count(each)} {each}" for each in times.Outcome if each in outcomes)
        out.print(escape(f"{file.name}: {counts or 'nichts'}."))
        if early:
            out.print(escape(f"Vor dem {german(section.since)} (times.since), bleibt liegen: {counted(len(early))}."))


def month_of(text: str | None) -> Month | None:
    """The month that is meant. Raises `NothingToDecide` for what is none."""
    try:
        return Month.named(text) if text else None
    except ValueError:
        raise NothingToDecide(f"„{text}“ ist kein Monat. Erwartet wird zum Beispiel  --month 2026-10.") from None


def section_of(house: House, loaded: LoadedClient) -> TimesSection:
    """How a client bills work. Raises `ConfigError` for one that does not."""
    if loaded.config.times is None:
        message = "Für diesen Mandanten werden keine Zeiten abgerechnet."
        cure = f"Den Abschnitt times aus {house.settings.clients / 'beispiel.yaml'} übernehmen."
        raise ConfigError([problem_at(loaded, ("times",), message, cure)])
    return loaded.config.times


def plain(row: WorkEntryRow) -> dict[str, Any]:
    """An entry for machines."""
    entry = times.entry_of(row)
    return {
        "id": row.id, "client": row.client, "customer": row.customer_key, "day": row.day, "minutes": row.minutes,
        "item": entry.item, "person": entry.person, "activity": entry.activity, "ticket": entry.ticket,
        "project": entry.project, "text": entry.text, "rate": entry.rate, "is_billable": row.is_billable,
        "state": row.state, "decided_by": row.decided_by, "reason": row.reason,
    }  # fmt: skip


def _decide(
    month: str | None, customer: str | None, ids: Sequence[int] | None, client: str | None, reason: str, by: str | None,
    *, is_approved: bool,
) -> None:  # fmt: skip
    with opened_for(client) as (house, clients):
        wanted, now = month_of(month), Clock().now()
        if not ids and wanted is None:
            raise NothingToDecide("Bitte --month oder --id nennen.")
        changed = 0
        with house.ledger.writing() as session:
            for loaded in _with_times(house, clients, client):
                name = loaded.config.name
                rows = times.rows(
                    session, [name], customer=customer, since=wanted.first if wanted else None,
                    until=wanted.last if wanted else None,
                    states=None if ids else (State.RECORDED,) if is_approved else times.OPEN,
                )  # fmt: skip
                chosen_ids = [row.id for row in rows if (row.id in ids if ids else row.is_billable)]
                act = times.approve if is_approved else times.reject
                changed += act(session, name, chosen_ids, word(reason, by), now)
        if not changed:
            raise NothingToDecide("Hier wartet nichts. Was es gibt:  rechnungsbote times")
        out.print(escape(f"{counted(changed)} {'freigegeben' if is_approved else 'abgelehnt'}."))


def clock(minutes: int) -> str:
    """Minutes as people read recorded time: `1:40`."""
    return f"{minutes // HOUR}:{minutes % HOUR:02}"


def counted(number: int, one: str = "Eintrag", many: str = "Einträge") -> str:
    """So many, in words: `1 Eintrag`, `3 Einträge`."""
    return f"{number} {one if number == 1 else many}"


def _with_times(house: House, clients: Sequence[LoadedClient], client: str | None) -> list[LoadedClient]:
    if client:
        section_of(house, house.client(client))
    found = [loaded for loaded in clients if loaded.config.times]
    if not found:
        err.print("Kein tätiger Mandant rechnet Zeiten ab: in seiner Datei fehlt der Abschnitt times.")
    return found


def _read(file: Path) -> list[Any]:
    try:
        if file.stat().st_size > LARGEST:
            raise NothingToDecide(f"{file} ist zu groß für eine Zeiterfassung.")
        found = times_csv.times_of(file.read_bytes(), IMPORTED)
    except OSError as error:
        raise NothingToDecide(f"{file} ist nicht lesbar: {cause_of(error)}.") from error
    for fault in found.faults:
        err.print(escape(f"{file.name}, {fault}"))
    if found.faults:
        err.print("Nichts wurde eingelesen. Bitte die Zeilen berichtigen.")
        raise typer.Exit(Exit.CONFIGURATION)
    return list(found.entries)


def _cells(row: WorkEntryRow) -> Sequence[object]:
    entry = times.entry_of(row)
    amount = clock(row.minutes) if entry.item is None else f"{entry.item.quantity} {entry.item.unit}"
    state = STATES[State(row.state)] if row.is_billable else "nicht abrechenbar"
    what = ": ".join(part for part in (entry.activity, entry.text) if part)
    return (row.id, row.client, row.customer_key, row.day, entry.person, entry.ticket, what, amount, state)


def _tell(client: str, each: Expected) -> None:
    columns = ("Position", "Menge", "Einheit", "Preis", "Betrag")
    cells = [(line.name, line.quantity, line.unit, line.unit_price, line_amount(line))
             for line in each.what.lines]  # fmt: skip
    table(f"{each.name} ({client})", columns, cells, figures=("Menge", "Preis", "Betrag"), free=("Position",))
    waits = f"; ohne Freigabe: {each.undecided}" if each.undecided else ""
    who = "" if each.customer else " Diesen Kunden kennt noch niemand (times.customers)."
    out.print(escape(f"{counted(each.entries)}{waits}, netto {german(each.net)} EUR.{who}\n"))


def _expected(client: str, each: Expected) -> dict[str, Any]:
    return {
        "client": client, "customer": each.key, "name": each.name, "is_known": each.customer is not None,
        "entries": each.entries, "undecided": each.undecided, "net": each.net, "lines": each.what.lines,
        "performed_from": each.what.performed_from, "performed_until": each.what.performed_until,
    }  # fmt: skip
