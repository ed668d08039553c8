"""Book: take in what lies in the bank folder, book what is certain, propose the rest."""

from datetime import date, datetime
from pathlib import Path

from billing.allocation import Claim, allocate
from billing.bank import BankLine
from billing.dunning_facts import NONE
from billing.matching import Kind, KnownInvoices, OpenInvoice, match
from billing.money import euro
from connectors.bank_csv import CsvSettings
from connectors.bank_files import BankFiles, FileRead, Settings
from connectors.errors import ConnectorError
from flows.report import Entry, Result
from flows.work import Work
from ledger import claims, invoices, jobs, notices, receipts
from ledger.database import Transaction
from ledger.overrides import NothingToDecide
from ledger.receipts import SHARE
from ledger.tables import IncomingRow, InvoiceRow


def book(work: Work) -> list[Entry]:
    """Read the client's bank folder if it has one; a file that cannot be read is named and stops nobody."""
    wanted = work.config.payments
    if wanted.bank_folder is None:
        return []
    folder = work.settings.clients / Path(wanted.bank_folder)
    options = CsvSettings.model_validate(wanted.bank_csv) if wanted.bank_csv else None
    try:
        files = list(BankFiles(Settings(folder=folder, csv=options)).files())
    except ConnectorError as error:
        return [Entry(Result.REFUSED, "Bankdateien", error.message)]
    entries = [Entry(Result.REFUSED, f"Bankdatei {file.name}", file.problem) for file in files if file.problem]
    return entries + [entry for file in files for entry in _file(work, file)]


def confirm(session: Transaction, payment_id: int, number: str | None, by: str, now: datetime) -> str:
    """Book a proposal as it stands, or all of it on the invoice named. Raises `NothingToDecide`."""
    row = session.get(IncomingRow, payment_id)
    if row is None or row.state not in ("proposed", "open"):
        raise NothingToDecide(f"Eine unbestätigte Zahlung {payment_id} gibt es nicht.")
    wanted = [number] if number else [share["number"] for share in row.shares]
    rows = {each: invoice for each in wanted for invoice in invoices.find(session, each, row.client)}
    if not rows or len(rows) < len(wanted) or row.amount <= 0:
        raise NothingToDecide("Bitte die Rechnung nennen, auf die diese Zahlung gehört: --number.")
    shares = [SHARE.validate_python(share) for share in row.shares]
    if number:
        invoice = rows[number]
        claim = Claim(number, euro(invoice.open_amount), invoice.due_date or row.received_on)
        shares = list(allocate(euro(row.amount), row.received_on, [claim], [number]).shares)
    receipts.book(session, row, shares, rows, by, now)
    return f"Gebucht auf {', '.join(rows)}."


def _file(work: Work, file: FileRead) -> list[Entry]:
    entries = []
    for statement in file.statements:
        with work.ledger.writing() as session:
            entries += _lines(work, session, statement.lines)
            if statement.complete_until:
                _complete(work, session, statement.account, statement.complete_until)
    return entries


def _complete(work: Work, session: Transaction, account: str, until: date) -> None:
    name = f"{claims.BANK}{account}"
    known = jobs.cursor(session, work.client, name)
    if known is None or known < until:
        jobs.move_cursor(session, work.client, name, until)


def _lines(work: Work, session: Transaction, lines: tuple[BankLine, ...]) -> list[Entry]:
    fresh = receipts.unknown(session, work.client, [line.id for line in lines])
    rows, known = _known(work, session)
    entries = []
    for line in lines:
        if line.id not in fresh:
            continue
        land = work.config.dunning.land
        found = match(line, known, euro(work.config.payments.tolerance), (land,) if land else ())
        kept = receipts.take_in(session, work.client, line, found, rows, work.clock.now())
        if kept.state in ("proposed", "open", "returned") or found.kind is Kind.RETURNED_DEBIT:
            _ask(work, session, kept)
        if kept.state == "booked":
            entries.append(Entry(Result.DONE, f"Zahlung über {line.amount}", f"gebucht auf {', '.join(found.numbers)}"))
            rows, known = _known(work, session)
    return entries


def _known(work: Work, session: Transaction) -> tuple[dict[str, InvoiceRow], KnownInvoices]:
    rows = {row.number or "": row for row in receipts.matchable(session, work.client)}
    return rows, KnownInvoices(_open(row) for row in rows.values())


def _open(row: InvoiceRow) -> OpenInvoice:
    customer = row.draft["customer"]
    claim = Claim(row.number or "", euro(max(row.open_amount, NONE)), row.due_date or row.issue_date)
    return OpenInvoice(claim, euro(row.gross), str(customer["number"]), row.customer_name)


def _ask(work: Work, session: Transaction, kept: IncomingRow) -> None:
    title = f"Zahlungseingang vom {kept.received_on:%d.%m.%Y} zuordnen (Zahlung {kept.id})"
    body = " ".join(reason["text"] for reason in kept.reasons)
    now, today = work.clock.now(), work.clock.today()
    notices.ask(session, work.client, f"payment/{kept.id}", title, body, work.config.dunning.task_owner, today, now)
