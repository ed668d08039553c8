"""`contracts`: recurring invoices: what there is, what it will bring, making, changing and ending, taking in a file."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import track

from billing.contract_ends import earliest_end
from billing.contracts import LAST_DAY, monthly_value
from billing.drafting import is_plain_mail_address
from billing.parties import Address, Customer, CustomerKind
from billing.price_changes import PriceChange
from billing.system_words import cause_of
from billing.vat import line_amount
from config.client import Client
from config.loading import LoadedClient, problem_at
from config.problems import ConfigError
from connectors.contracts_csv import ContractLine, contracts_of
from desk import words
from desk.console import Exit, err, german, out, print_json, table
from desk.contract_words import pieces, stand
from desk.contract_words import told as told_of
from desk.opening import AsJson, By, ClientName, Reason, euros, figure, opened, opened_for, word
from desk.worktimes import LARGEST, counted
from flows.chain import contract_stock
from flows.chain import contracts as chain
from flows.chain.contracts import Expected, NewContract
from flows.clock import Clock
from flows.wiring import House
from ledger import clientele, contracts
from ledger.contract_tables import ContractRow
from ledger.overrides import NothingToDecide

app = typer.Typer(help="Verträge: ansehen, anlegen, ändern, kündigen, Vorschau, neue Preise, einlesen.")

ONE, MANY = "Vertrag", "Verträge"
Number = Annotated[str, typer.Argument(help="Vertragsnummer.")]
OfClient = Annotated[str, typer.Option("--client", help="Kurzname des Mandanten.")]
CustomerName = Annotated[str | None, typer.Option("--customer", help="Kundennummer, ohne Nummer der Name.")]


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context, client: ClientName = None, customer: CustomerName = None,
    everything: Annotated[bool, typer.Option("--all", help="Auch beendete.")] = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Listet Verträge, die nicht beendet sind, mit ihrem Wert im Monat."""
    if context.invoked_subcommand:
        return
    with opened_for(client) as (house, clients):
        today, told = Clock().today(), []
        with house.ledger.reading() as session:
            for loaded in _with_contracts(house, clients, client):
                found = contracts.rows(
                    session, [loaded.config.name], customer=customer or "", running_on=None if everything else today
                )
                told += [plain(loaded.config, row) for row in found]
        if as_json:
            print_json({"contracts": told})
            return
        columns = ("Mandant", "Vertrag", "Kunde", "Tarif", "Stand", "Nächste Rechnung", "netto im Monat")
        keys = ("client", "number", "customer", "plan", "stand", "next_on", "monthly")
        cells = [[each[key] for key in keys] for each in told]
        table("Verträge", columns, cells, figures=("netto im Monat",), cut=("Kunde",))
        total = sum((each["monthly"] for each in told), Decimal(0))
        out.print(escape(f"{counted(len(told), ONE, MANY)}, zusammen {german(total)} EUR netto im Monat."))


@app.command("show")
def one(number: Number, client: OfClient, as_json: AsJson = False) -> None:
    """Zeigt einen Vertrag: was vereinbart ist und berechnet wurde, was geschah und wann er enden könnte."""
    with opened() as house:
        config = house.client(client).config
        with house.ledger.reading() as session:
            row = contracts.named(session, client, number)
            bills, history = contracts.bills(session, row), contracts.history(session, row)
    contract, today = contracts.contract_of(row), Clock().today()
    told = plain(config, row) | {
        "agreed": contract.agreed, "stages": contract.stages, "billed_until": row.billed_until,
        "earliest_end": earliest_end(contract, today),
        "bills": [
            {"first": each.bill.first_on, "last": each.bill.last_on, "net": each.bill.net, "job": each.job,
             "invoice": each.invoice} for each in bills
        ],
        "timeline": [{"at": entry.at, "event": entry.event, "facts": entry.facts} for entry in history],
    }  # fmt: skip
    if as_json:
        print_json(told)
        return
    out.print(escape(f"{number}, Kunde {row.customer_key}: {stand(contract, today)}"))
    stages = [(stage.since, stage.plan, stage.quantity, stage.price) for stage in contract.stages]
    table("Tarife", ("Ab", "Tarif", "Menge", "Eigener Preis"), stages, figures=("Menge", "Eigener Preis"))
    cells = [(each["first"], each["last"], each["net"], each["job"], each["invoice"]) for each in told["bills"]]
    table("Berechnet", ("Von", "Bis", "netto", "Auftrag", "Rechnung"), cells, figures=("netto",))
    table("Verlauf", ("Wann", "Was", ""), [(entry.at, words.event(entry.event), told_of(entry)) for entry in history],
          free=("",))  # fmt: skip
    if contract.ends_on is None:
        out.print(escape(f"Ginge die Kündigung heute ein, endete er am {german(told['earliest_end'])}."))


@app.command()
def add(
    number: Number, client: OfClient,
    customer: Annotated[str, typer.Option("--customer", help="Kundennummer, gemeldete Id oder Name.")],
    plan: Annotated[str, typer.Option("--plan", help="Tarif aus der Mandantendatei.")],
    begins: Annotated[datetime, typer.Option("--begins", formats=["%Y-%m-%d"], help="Erster Tag.")],
    quantity: Annotated[Decimal | None, typer.Option(
        "--quantity", parser=figure, metavar="ZAHL", help="Wie viele; ohne Angabe 1.")] = None,
    price: Annotated[Decimal | None, typer.Option(
        "--price", parser=euros, metavar="BETRAG", help="Eigener Preis netto, sonst der des Tarifs.")] = None,
    billed_until: Annotated[datetime | None, typer.Option(
        "--billed-until", formats=["%Y-%m-%d"], help="Bis zu diesem Tag ist anderswo berechnet.")] = None,
    reason: Reason = "abgeschlossen", by: By = None,
) -> None:  # fmt: skip
    """Legt einen Vertrag an; was davon fällig ist, berechnet der nächste Durchlauf."""
    with opened() as house:
        new = NewContract(
            number, customer, plan, begins.date(), Decimal("1.00") if quantity is None else quantity, price,
            billed_until=billed_until.date() if billed_until else None,
        )  # fmt: skip
        config = _billing(house, client)
        with house.ledger.writing() as session:
            row = chain.sign(session, config, new, word(reason, by), Clock().now())
            known = clientele.recipient(session, client, row.customer_key)
        out.print(escape(f"Vertrag {number} angelegt. {_next(row)}"))
        if known is None:
            out.print(escape(f"Den Kunden {row.customer_key} kennt noch niemand:  rechnungsbote contracts customer"))


@app.command("customer")
def know(
    key: Annotated[str, typer.Argument(help="Kundennummer.")], client: OfClient,
    name: Annotated[str, typer.Option("--name", help="Name oder Firma.")],
    street: Annotated[str, typer.Option("--street", help="Straße und Hausnummer.")],
    postcode: Annotated[str, typer.Option("--postcode", help="Postleitzahl.")],
    city: Annotated[str, typer.Option("--city", help="Ort.")],
    email: Annotated[str, typer.Option("--email", help="Rechnungsadresse.")] = "",
    kind: Annotated[CustomerKind, typer.Option("--kind", help="Art des Kunden.")] = CustomerKind.CONSUMER,
) -> None:  # fmt: skip
    """Meldet einen Kunden mit seiner Anschrift; Verträge, die auf ihn warten, gehen von selbst weiter."""
    for text, option in ((key, "Kundennummer"), (name, "--name"), (street, "--street"), (postcode, "--postcode"),
                         (city, "--city")):  # fmt: skip
        if not text.strip():
            raise typer.BadParameter("Das darf nicht leer sein.", param_hint=option)
    if email and not is_plain_mail_address(email):
        raise typer.BadParameter("Erwartet wird eine einzelne Mailadresse ohne Umlaute.", param_hint="--email")
    with opened() as house:
        house.client(client)
        customer = Customer("", name, Address(street, postcode, city), kind, email, key)
        with house.ledger.writing() as session:
            is_new = clientele.announce(session, client, key, customer, Clock().now())
        out.print(escape(f"{name} {'gemeldet' if is_new else 'geändert'}."))


@app.command()
def change(
    number: Number, client: OfClient, reason: Reason,
    since: Annotated[datetime, typer.Option("--since", formats=["%Y-%m-%d"], help="Ab diesem Tag.")],
    plan: Annotated[str | None, typer.Option("--plan", help="Neuer Tarif, sonst der bisherige.")] = None,
    quantity: Annotated[Decimal | None, typer.Option(
        "--quantity", parser=euros, metavar="ZAHL", help="Neue Menge, sonst die bisherige.")] = None,
    price: Annotated[Decimal | None, typer.Option(
        "--price", parser=euros, metavar="BETRAG", help="Eigener Preis netto; ohne Angabe bei neuem Tarif dessen Preis."
    )] = None,
    by: By = None,
) -> None:  # fmt: skip
    """Ändert Tarif, Menge oder Preis ab einem Tag; für schon berechnete Tage wird der Aufpreis gleich berechnet."""
    with opened() as house:
        config = _billing(house, client)
        with house.ledger.writing() as session:
            row = contracts.named(session, client, number)
            last = contracts.contract_of(row).stages[-1]
            own = last.price if price is None and not plan else price
            count = last.quantity if quantity is None else quantity
            stage = chain.stage_for(config, plan or last.plan, since.date(), count, own)
            more = chain.change(session, config, row, stage, word(reason, by), Clock().now())
        out.print(escape(f"Geändert ab {german(stage.since)}. {_next(row)}"))
        if more:
            out.print(escape(f"Aufpreis für berechnete Tage: {german(more.net)} EUR netto, wird berechnet."))


@app.command()
def end(
    number: Number, client: OfClient, reason: Reason,
    received: Annotated[datetime | None, typer.Option(
        "--received", formats=["%Y-%m-%d"], help="Eingang der Kündigung, sonst heute.")] = None,
    on: Annotated[datetime | None, typer.Option(
        "--on", formats=["%Y-%m-%d"], help="Vereinbarter letzter Tag, sonst der frühestmögliche.")] = None,
    by: By = None,
) -> None:  # fmt: skip
    """Trägt eine Kündigung ein: der Vertrag endet mit Laufzeit und Frist, oder am vereinbarten Tag."""
    with opened() as house:
        config, clock = _billing(house, client), Clock()
        with house.ledger.writing() as session:
            row = contracts.named(session, client, number)
            came = received.date() if received else clock.today()
            last = chain.end(session, config, row, came, on.date() if on else None, word(reason, by), clock.now())
        out.print(escape(f"Vertrag {number} endet am {german(last)}."))


@app.command()
def resume(number: Number, client: OfClient, reason: Reason, by: By = None) -> None:
    """Nimmt eine Kündigung zurück: der Vertrag läuft weiter."""
    with opened() as house:
        config, clock = _billing(house, client), Clock()
        with house.ledger.writing() as session:
            row = contracts.named(session, client, number)
            chain.resume(session, config, row, clock.today(), word(reason, by), clock.now())
        out.print(escape(f"Vertrag {number} läuft weiter. {_next(row)}"))


@app.command()
def withdraw(number: Number, client: OfClient, reason: Reason, by: By = None) -> None:
    """Nimmt die letzte Änderung zurück, die für einen späteren Tag vereinbart und noch nicht berechnet ist."""
    with opened() as house:
        config, clock = _billing(house, client), Clock()
        with house.ledger.writing() as session:
            row = contracts.named(session, client, number)
            stage = chain.withdraw(session, config, row, clock.today(), word(reason, by), clock.now())
        out.print(escape(f"Die Änderung ab {german(stage.since)} ist zurückgenommen. {_next(row)}"))


@app.command()
def reopen(number: Number, client: OfClient, reason: Reason, by: By = None) -> None:
    """Gibt den letzten Zeitraum zurück, dessen Rechnung storniert ist oder nie entstand: er wird neu berechnet."""
    with opened() as house:
        config = _billing(house, client)
        with house.ledger.writing() as session:
            row = contracts.named(session, client, number)
            last = chain.reopen(session, config, row, word(reason, by), Clock().now())
        out.print(escape(f"{german(last.first_on)} bis {german(last.last_on)} ist wieder offen. {_next(row)}"))


@app.command()
def preview(
    client: ClientName = None,
    until: Annotated[datetime | None, typer.Option(
        "--until", formats=["%Y-%m-%d"], help="Bis zu diesem Tag, sonst heute.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Zeigt, was bis zu einem Tag berechnet wird, wenn sich nichts ändert; tut sonst nichts."""
    with opened_for(client) as (house, clients):
        last = until.date() if until else Clock().today()
        if last > LAST_DAY:
            raise NothingToDecide(f"Weiter als bis {LAST_DAY.year} sieht niemand: bitte einen früheren Tag nennen.")
        with house.ledger.reading() as session:
            found = [each for loaded in _with_contracts(house, clients, client)
                     for each in chain.expected(session, loaded.config, last)]  # fmt: skip
        if as_json:
            print_json({"until": last, "bills": [_expected(each) for each in found]})
            return
        columns = ("Mandant", "Vertrag", "Kunde", "Von", "Bis", "Position", "Betrag")
        cells = [
            (each.row.client, each.row.number, each.customer.name if each.customer else each.row.customer_key,
             each.bill.first, each.bill.last, line.name, line_amount(line))
            for each in found for line in each.bill.lines
        ]  # fmt: skip
        table("Vorschau", columns, cells, figures=("Betrag",), cut=("Kunde",), free=("Position",))
        total = sum((each.net for each in found), Decimal(0))
        count = counted(len(found), "Rechnung", "Rechnungen")
        out.print(escape(f"{count} bis {german(last)}, zusammen {german(total)} EUR netto; noch ist nichts berechnet."))


@app.command()
def prices(client: ClientName = None, as_json: AsJson = False) -> None:
    """Listet, welche Verträge ein neuer Preis erreicht und ab wann, damit man es den Kunden vorher schreiben kann."""
    with opened_for(client) as (house, clients):
        today, told = Clock().today(), []
        with house.ledger.reading() as session:
            for loaded in _with_contracts(house, clients, client):
                name = loaded.config.name
                found = chain.new_prices(loaded.config, contracts.rows(session, [name], running_on=today), today)
                told += [_repriced(row, each) for row, each in found]
        if as_json:
            print_json({"prices": told})
            return
        columns = ("Mandant", "Vertrag", "Kunde", "Tarif", "Menge", "Ab", "Bisher", "Neu")
        keys = ("client", "number", "customer", "plan", "quantity", "since", "old", "new")
        cells = [[each[key] for key in keys] for each in ({**one, "quantity": pieces(one["quantity"])} for one in told)]
        table(
            "Neue Preise, netto je Zeitraum und Stück",
            columns,
            cells,
            figures=("Menge", "Bisher", "Neu"),
            cut=("Kunde",),
        )
        count = counted(len({(each["client"], each["number"]) for each in told}), ONE, MANY)
        out.print(escape(f"{count} mit neuem Preis. Den Kunden schreibt das ein Mensch."))


@app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="CSV-Datei; Spalten wie in docs/vertraege.md.")], client: OfClient,
    reason: Reason = "übernommen", by: By = None,
) -> None:  # fmt: skip
    """Legt Verträge aus einer Datei an: alle oder, wenn eine Zeile nicht stimmt, keinen. Zweimal schadet nicht."""
    with opened() as house:
        config, found = _billing(house, client), _read(file)
        with house.ledger.reading() as session:
            judged, wrong = contract_stock.judge(session, config, found)
        _refuse(file, wrong)
        said, clock, new = word(reason, by), Clock(), 0
        for batch in track(contract_stock.batches(judged), file.name, console=err):
            with house.ledger.writing() as session:
                new += contract_stock.keep(session, config, batch, said, clock.now())
        out.print(escape(f"{file.name}: {counted(new, ONE, MANY)} angelegt, {len(found) - new} gab es schon."))


def plain(config: Client, row: ContractRow) -> dict[str, Any]:
    """A contract for machines and lists; `monthly` is net in euro."""
    contract, today = contracts.contract_of(row), Clock().today()
    is_known = config.contracts is not None and not chain.missing_plans(config.contracts, contract)
    return {
        "client": row.client, "number": row.number, "customer": row.customer_key, "plan": contract.stages[-1].plan,
        "quantity": contract.stages[-1].quantity, "begins_on": contract.begins_on, "ends_on": contract.ends_on,
        "stand": stand(contract, today), "next_on": row.next_on,
        "monthly": monthly_value(contract, chain.terms_for(config, None), today) if is_known else Decimal("0.00"),
    }  # fmt: skip


def _billing(house: House, client: str) -> Client:
    """A client who bills contracts. Raises `ConfigError` for one that does not."""
    loaded = house.client(client)
    if loaded.config.contracts is None:
        message = "Für diesen Mandanten werden keine Verträge abgerechnet."
        cure = f"Den Abschnitt contracts aus {house.settings.clients / 'beispiel.yaml'} übernehmen."
        raise ConfigError([problem_at(loaded, ("contracts",), message, cure)])
    return loaded.config


def _with_contracts(house: House, clients: Sequence[LoadedClient], client: str | None) -> list[LoadedClient]:
    if client:
        _billing(house, client)
    found = [loaded for loaded in clients if loaded.config.contracts]
    if not found:
        err.print("Kein tätiger Mandant rechnet Verträge ab: in seiner Datei fehlt der Abschnitt contracts.")
    return found


def _next(row: ContractRow) -> str:
    return f"Nächste Rechnung: {german(row.next_on)}." if row.next_on else "Es wird nichts mehr berechnet."


def _read(file: Path) -> list[ContractLine]:
    try:
        if file.stat().st_size > LARGEST:
            raise NothingToDecide(f"{file} ist zu groß; bitte teilen.")
        found, faults = contracts_of(file.read_bytes())
    except OSError as error:
        raise NothingToDecide(f"{file} ist nicht lesbar: {cause_of(error)}.") from error
    _refuse(file, [str(fault) for fault in faults])
    return found


def _refuse(file: Path, wrong: Sequence[str]) -> None:
    if not wrong:
        return
    for text in wrong[:50]:
        err.print(escape(f"{file.name}, {text}"))
    more = f" ({len(wrong) - 50} weitere)" if len(wrong) > 50 else ""
    err.print(f"Nichts wurde eingelesen{more}. Bitte die Zeilen berichtigen.")
    raise typer.Exit(Exit.CONFIGURATION)


def _repriced(row: ContractRow, change: PriceChange) -> dict[str, Any]:
    return {
        "client": row.client, "number": row.number, "customer": row.customer_key, "plan": change.plan,
        "quantity": change.quantity, "since": change.since, "old": change.old, "new": change.new,
    }  # fmt: skip


def _expected(each: Expected) -> dict[str, Any]:
    return {
        "client": each.row.client, "contract": each.row.number, "customer": each.row.customer_key,
        "is_known": each.customer is not None, "first": each.bill.first, "last": each.bill.last, "net": each.net,
        "lines": each.bill.lines,
    }  # fmt: skip
