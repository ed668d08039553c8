"""`block`, `promise`, `dispute`, `extend`, `write-off`, `lift`, `payment`, `tasks`, `done`, `dunning-preview`."""

from datetime import date, datetime
from decimal import Decimal

from rich.markup import escape

from billing.allocation import allocate
from billing.dunning import Decision, Outcome
from billing.money import euro
from config.loading import LoadedClient
from desk.console import german, out, print_json, table
from flows.chain import book, preview
from flows.wiring import House
from ledger import clientele, invoices, levers, notices, receipts
from ledger.database import Ledger
from ledger.levers import Kind
from ledger.matchable import claim_of
from ledger.overrides import NothingToDecide, Word
from ledger.tables import InvoiceRow

SAID = {
    Kind.BLOCK: "wird nicht gemahnt",
    Kind.PROMISE: "wird nicht gemahnt, solange die Zusage gehalten werden kann",
    Kind.DISPUTE: "gilt als strittig",
    Kind.EXTENSION: "ist gestundet",
    Kind.WRITE_OFF: "ist als uneinbringlich vermerkt",
}


def pull(
    ledger: Ledger, invoice_id: int, kind: Kind, word: Word, amount: Decimal | None, until: date | None, now: datetime
) -> str:
    """Note a word about an invoice and say what follows. Raises `NothingToDecide` where it would mean nothing."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        levers.pull(session, kind, row, word, now, amount, until)
    end = f" (bis {german(until)})" if until else ""
    return f"Rechnung {row.number} {SAID[kind]}{end}."


def lift(ledger: Ledger, invoice_id: int, kind: Kind, word: Word, now: datetime) -> str:
    """End what was said about an invoice. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        levers.lift(session, kind, row, word, now)
    return f"Rechnung {row.number} geht wieder ihren Weg."


def block_customer(ledger: Ledger, client: str, customer: str, until: date | None, word: Word, now: datetime) -> str:
    """Dun none of a customer's invoices. Raises `NothingToDecide` for one who was never billed, such as a slip."""
    if not customer:
        raise NothingToDecide("Bitte eine Rechnung oder  --customer  nennen.")
    with ledger.writing() as session:
        if clientele.contact(session, client, customer) is None:
            raise NothingToDecide(
                f"Einen Kunden {customer} kennt das Hauptbuch nicht. Bitte die Nummer nennen, ohne Nummer den ganzen"
                " Namen;  rechnungsbote customer TEIL  findet beide."
            )
        levers.block_customer(session, client, customer, until, word, now)
    return f"Kunde {customer} wird nicht gemahnt{f' (bis {german(until)})' if until else ''}."


def lift_customer(ledger: Ledger, client: str, customer: str, word: Word, now: datetime) -> str:
    """End the block of a customer. Raises `NothingToDecide`."""
    if not customer:
        raise NothingToDecide("Bitte eine Rechnung oder  --customer  nennen.")
    with ledger.writing() as session:
        levers.lift_customer(session, client, customer, word, now)
    return f"Kunde {customer} wird wieder gemahnt."


def add_payment(
    ledger: Ledger, invoice_id: int, amount: Decimal, on: date, by: str, now: datetime, once: str = ""
) -> str:
    """Book a payment by hand on one invoice, § 367 BGB observed, and once for each `once`. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        if amount <= 0 or row.number is None or row.due_date is None:
            raise NothingToDecide("Gebucht wird ein Betrag über null auf eine ausgestellte Rechnung.")
        found = allocate(euro(amount), on, [claim_of(session, row)], [row.number])
        receipts.by_hand(session, row, amount, on, found.shares, found.reasons, by, now, once)
    surplus = f" Überzahlt: {german(found.surplus.amount)} EUR." if found.surplus else ""
    return f"Auf Rechnung {row.number} sind {german(amount)} EUR gebucht, offen {german(row.open_amount)} EUR.{surplus}"


def take_payment_back(ledger: Ledger, invoice_id: int, word: Word, now: datetime) -> str:
    """Undo the last payment entered by hand. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        amount = receipts.take_back(session, row, word, now)
    return f"Die Zahlung über {german(amount)} EUR ist zurückgenommen, offen {german(row.open_amount)} EUR."


def confirm_payment(ledger: Ledger, payment_id: int, number: str | None, by: str, now: datetime) -> str:
    """Book a proposal as it stands, or on the one invoice named. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        return book.confirm(session, payment_id, number, by, now)


def reject_payment(ledger: Ledger, payment_id: int, word: Word, now: datetime, *, is_foreign: bool) -> str:
    """Drop a proposal, or the whole payment as nobody's. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        return book.reject(session, payment_id, word, now, is_foreign=is_foreign)


def show_payments(ledger: Ledger, clients: list[str], as_json: bool) -> None:
    """Money that nobody has assigned yet."""
    with ledger.reading() as session:
        rows = receipts.unassigned(session, clients)
    found = [
        {
            "id": row.id,
            "client": row.client,
            "received_on": row.received_on,
            "amount": row.amount,
            "from": row.line.get("counterparty", ""),
            "purpose": row.line.get("purpose", ""),
            "invoices": [share["number"] for share in row.shares],
            "reasons": [reason["text"] for reason in row.reasons],
        }
        for row in rows
    ]
    if as_json:
        print_json({"payments": found})
        return
    columns = ("Nr.", "Mandant", "Tag", "Betrag", "Von", "Zweck", "Vorschlag", "Warum")
    cells = [(*list(each.values())[:6], ", ".join(each["invoices"]), " ".join(each["reasons"])) for each in found]
    table("Zahlungen zu bestätigen", columns, cells, figures=("Betrag",), free=("Zweck", "Warum"))
    if not found:
        out.print("Keine Zahlung wartet auf Bestätigung.")


def show_tasks(ledger: Ledger, clients: list[str], as_json: bool) -> None:
    """What people have to do."""
    with ledger.reading() as session:
        rows = [row for row in notices.tasks(session) if row.client in clients]
    names = ("id", "client", "title", "body", "owner", "due_on")
    if as_json:
        print_json({"tasks": [{name: getattr(row, name) for name in names} for row in rows]})
        return
    columns = ("Nr.", "Mandant", "Aufgabe", "Einzelheiten", "wer", "bis")
    table(
        "Aufgaben", columns, [[getattr(row, name) for name in names] for row in rows], free=("Aufgabe", "Einzelheiten")
    )
    if not rows:
        out.print("Keine Aufgaben.")


def done(ledger: Ledger, task_id: int, by: str, now: datetime) -> str:
    """A task is done. Raises `NothingToDecide`."""
    with ledger.writing() as session:
        row = notices.close(session, task_id, by, now)
    if row is None:
        raise NothingToDecide(f"Eine offene Aufgabe {task_id} gibt es nicht.")
    return f"Erledigt: {row.title}."


def show_preview(house: House, clients: list[LoadedClient], day: date, now: datetime, as_json: bool) -> None:
    """Who would get what on a day and why, and what it costs him; sends nothing."""
    found = [(loaded, each) for loaded in clients for each in preview.preview(house.ledger, loaded.config, day, now)]
    if as_json:
        names = [{"client": loaded.config.name, "number": row.number, "decision": it} for loaded, (row, it) in found]
        print_json({"date": day, "decisions": names})
        return
    acting = [(row, it) for _, (row, it) in found if it.outcome is not Outcome.NOTHING]
    columns = ("Rechnung", "Kunde", "Schritt", "offen", "Kosten", "Warum")
    cells = [_preview_cells(row, it) for row, it in acting]
    table(f"Am {german(day)}", columns, cells, figures=("offen", "Kosten"), free=("Warum",), cut=("Kunde",))
    out.print(escape(f"{len(acting)} Schritte; {len(found) - len(acting)} offene Rechnungen bleiben unberührt."))


def _preview_cells(row: InvoiceRow, decision: Decision) -> tuple[object, ...]:
    why = " ".join(reason.text for reason in decision.reasons)
    return (row.number, row.customer_name, decision.title, decision.demanded, decision.costs.total, why)
