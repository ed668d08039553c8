"""Book: take in what lies in the bank folder, book what is certain, propose the rest."""

from datetime import date, datetime, timedelta
from pathlib import Path

from billing.allocation import allocate
from billing.bank import BankLine
from billing.matching import Kind, match
from billing.money import euro, in_german
from connectors.bank_csv import CsvSettings
from connectors.bank_files import BankFiles, Settings, check_families
from connectors.errors import ConnectorError, NeedsPerson
from connectors.statements import FileRead
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import claims, invoices, jobs, notices, receipts
from ledger.database import Transaction
from ledger.matchable import claim_of, matchable, open_invoices
from ledger.overrides import NothingToDecide, Word
from ledger.receipts import SHARE
from ledger.tables import IncomingRow


def book(work: Work) -> list[Entry]:
    """Read the client's bank folder and his bank, whichever he has; what cannot be read is named and stops nobody."""
    families: dict[str, str] = {}
    return [*_folder(work, families), *_bank(work, families)]


def _folder(work: Work, families: dict[str, str]) -> list[Entry]:
    wanted = work.config.payments
    if wanted.bank_folder is None:
        return []
    folder = work.settings.clients / Path(wanted.bank_folder)
    options = CsvSettings.model_validate(wanted.bank_csv) if wanted.bank_csv else None
    try:
        files = list(BankFiles(Settings(folder=folder, csv=options)).files())
    except ConnectorError as error:
        return [Entry(Result.REFUSED, "Bankdateien", error.message)]
    return [entry for file in files for entry in _file(work, file, "Bankdatei", families)]


def _bank(work: Work, families: dict[str, str]) -> list[Entry]:
    """What the bank itself gives. If a person must act, there is a task, one until something was read again."""
    if work.bank is None:
        return []
    since = _read_until(work) - timedelta(work.settings.overlap_days)
    try:
        files = list(work.bank.files(since, work.clock.now()))
    except ConnectorError as error:
        if isinstance(error, NeedsPerson):
            _ask_for_access(work, error.message, since)
        return [Entry(Result.WAITING, "Umsätze bei der Bank lesen", error.message, channel_after(error))]
    return [entry for file in files for entry in _file(work, file, "Abruf", families)]


def _read_until(work: Work) -> date:
    with work.ledger.reading() as session:
        known = jobs.cursors(session, work.client, claims.BANK)
    return min(known.values(), default=work.config.jobs.since)


def _ask_for_access(work: Work, message: str, since: date) -> None:
    key, today = f"bank-access/{work.config.payments.bank}/{since}", work.clock.today()
    title, owner = "Zugang zur Bank: bitte bestätigen oder berichtigen", work.config.dunning.task_owner
    with work.ledger.writing() as session:
        body = f"{message} Bis dahin wird nicht gemahnt, weil niemand weiß, wer gezahlt hat."
        notices.ask(session, work.client, key, title, body, owner, today, work.clock.now())


def confirm(session: Transaction, payment_id: int, number: str | None, by: str, now: datetime) -> str:
    """Book a proposal as it stands, or all of it on the invoice named. Raises `NothingToDecide`."""
    row = session.get(IncomingRow, payment_id)
    if row is None or row.state not in receipts.WAITING:
        raise NothingToDecide(f"Eine unbestätigte Zahlung {payment_id} gibt es nicht.")
    wanted = [number] if number else [share["number"] for share in row.shares]
    rows = {each: invoice for each in wanted for invoice in invoices.find(session, each, row.client)}
    if not rows or len(rows) < len(wanted) or row.amount <= 0:
        raise NothingToDecide("Bitte die Rechnung nennen, auf die diese Zahlung gehört: --number.")
    shares = [SHARE.validate_python(share) for share in row.shares]
    if number:
        invoice = rows[number]
        shares = list(allocate(euro(row.amount), row.received_on, [claim_of(session, invoice)], [number]).shares)
    receipts.book(session, row, shares, rows, by, now)
    notices.close_by_key(session, row.client, f"payment/{row.id}", by, now)
    return f"Gebucht auf {', '.join(rows)}."


def reject(session: Transaction, payment_id: int, word: Word, now: datetime, *, is_foreign: bool) -> str:
    """The proposal is wrong: the money waits without one, or as no customer's goes out of sight.

    Raises `NothingToDecide`.
    """
    row = session.get(IncomingRow, payment_id)
    if row is None or row.state not in receipts.WAITING or (row.state == "open" and not is_foreign):
        raise NothingToDecide(f"Zu Zahlung {payment_id} gibt es keinen Vorschlag, der abzulehnen wäre.")
    receipts.reject(session, row, word, now, is_foreign=is_foreign)
    if is_foreign:
        notices.close_by_key(session, row.client, f"payment/{row.id}", word.by, now)
        return f"Zahlung {row.id} gehört zu keiner Rechnung und ist abgehakt."
    return f"Der Vorschlag zu Zahlung {row.id} ist abgelehnt; sie wartet auf eine Rechnung."


def _file(work: Work, file: FileRead, kind: str, families: dict[str, str]) -> list[Entry]:
    """Book what one file holds, in one format for each account: else the same movement would come in twice."""
    try:
        check_families(file.statements, families)
    except ConnectorError as error:
        return [Entry(Result.REFUSED, f"{kind} {file.name}", error.message)]
    entries = [Entry(Result.REFUSED, f"{kind} {file.name}", file.problem)] if file.problem else []
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
    if not fresh:
        return []
    found = matchable(session, work.client, work.clock.today())
    rows, known = found.rows, found.known
    tolerance, land = euro(work.config.payments.tolerance), work.config.dunning.land
    entries = []
    for line in lines:
        if line.id not in fresh:
            continue
        meant = match(line, known, tolerance, (land,) if land else ())
        kept = receipts.take_in(session, work.client, line, meant, rows, work.clock.now())
        if kept.state in ("proposed", "open", "returned") or meant.kind is Kind.RETURNED_DEBIT:
            _ask(work, session, kept)
        if kept.state == "booked":
            numbers = ", ".join(meant.numbers)
            entries.append(
                Entry(Result.DONE, f"Zahlung über {in_german(line.amount.amount)}", f"gebucht auf {numbers}")
            )
            known = known.with_changed(open_invoices(session, [rows[number] for number in meant.numbers]))
    return entries


def _ask(work: Work, session: Transaction, kept: IncomingRow) -> None:
    title = f"Zahlungseingang vom {kept.received_on:%d.%m.%Y} zuordnen (Zahlung {kept.id})"
    body = " ".join(reason["text"] for reason in kept.reasons)
    now, today = work.clock.now(), work.clock.today()
    notices.ask(session, work.client, f"payment/{kept.id}", title, body, work.config.dunning.task_owner, today, now)
