"""Invoices on their way: drafted, issued, filed, sent; and the documents that belong to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from billing.comparing import Booked
from billing.drafting import Problem
from billing.einvoice_duty import Duty
from billing.invoices import Draft, Invoice
from ledger import effects, forms, jobs, rechecks
from ledger.bodies import DRAFT, pack
from ledger.effects import DOUBLED, Kind, State
from ledger.journal import record
from ledger.tables import DocumentRow, EffectRow, InvoiceRow, JobRow

DRAFTED = "drafted"
ISSUED = "issued"
FILED = "filed"
SENT = "sent"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to be kept: `kind` is unique per invoice, `sha256` names its bytes in the archive."""

    kind: str
    sha256: str
    media_type: str
    name: str
    size: int
    template_version: str = ""


def add(session: Session, job: JobRow, draft: Draft, now: datetime) -> InvoiceRow:
    """Turn a ready job into a drafted invoice together with the intent to create it, in the caller's transaction."""
    row = InvoiceRow(
        client=job.client,
        job_id=job.id,
        order_id=draft.order_id,
        marker=draft.marker,
        stage=DRAFTED,
        problems=[],
        number=None,
        external_id=None,
        customer_name=draft.customer.name,
        customer_key=draft.customer.key,
        issue_date=draft.issue_date,
        due_date=None,
        gross=draft.totals.gross,
        net=draft.signed_net,
        draft=pack(DRAFT, draft),
        created_at=now,
        sent_at=None,
        open_amount=draft.totals.gross,
        is_voided=False,
        payment_version="",
        payment_read_at=None,
        check_on=None,
    )
    session.add(row)
    session.flush()
    job.state, job.problems = jobs.TAKEN, []
    record(session, now, job.client, "invoice drafted", row.id, job=job.number, gross=str(row.gross))
    effects.begin(session, job.client, Kind.CREATE_INVOICE, draft.marker, row.id, {}, now)
    return row


def in_work(session: Session, client: str, limit: int) -> list[int]:
    """Ids of drafted invoices that want a next step: to be created, or to be read back and compared.

    Held ones are compared again as well, but after the others, at most `limit` of them, each in its turn.
    """
    query = (
        select(InvoiceRow.id, InvoiceRow.problems, EffectRow.state)
        .join(EffectRow, EffectRow.invoice_id == InvoiceRow.id)
        .where(
            InvoiceRow.client == client,
            InvoiceRow.stage == DRAFTED,
            EffectRow.kind == Kind.CREATE_INVOICE,
            EffectRow.state.in_((State.PLANNED, State.FAILED, State.DONE)),
        )
        .order_by(InvoiceRow.id)
    )
    rows = session.execute(query).all()
    moving = [invoice_id for invoice_id, problems, _ in rows if not problems]
    held = [invoice_id for invoice_id, problems, _ in rows if problems]
    return moving + rechecks.longest_unseen(session, client, held, limit)


def refused_jobs(session: Session, client: str, source: str, limit: int) -> list[tuple[str, str]]:
    """External id and version of jobs whose invoice the accounting system refused: they may have been mended."""
    query = (
        select(JobRow.external_id, JobRow.version)
        .join(InvoiceRow, InvoiceRow.job_id == JobRow.id)
        .where(JobRow.source == source, InvoiceRow.id.in_(refused(session, client)))
        .order_by(JobRow.tried_at)
        .limit(limit)
    )
    return [(external_id, version) for external_id, version in session.execute(query)]


def refused(session: Session, client: str) -> list[int]:
    """Ids of the invoices whose creation the accounting system refused, so that they provably do not exist there."""
    query = (
        select(InvoiceRow.id)
        .join(EffectRow, EffectRow.invoice_id == InvoiceRow.id)
        .where(
            InvoiceRow.client == client,
            InvoiceRow.external_id.is_(None),
            EffectRow.kind == Kind.CREATE_INVOICE,
            EffectRow.state == State.REFUSED,
            EffectRow.phase != DOUBLED,
        )
        .order_by(InvoiceRow.id)
    )
    return list(session.scalars(query))


def redraft(session: Session, row: InvoiceRow, draft: Draft, now: datetime) -> bool:
    """Replace a draft whose creation was refused, and plan it again. False when it was not refused any more."""
    effect = effect_of(session, row.id, Kind.CREATE_INVOICE)
    if effect.state != State.REFUSED or row.external_id or not effects.plan_again(session, effect, now):
        return False
    row.draft, row.gross, row.open_amount = pack(DRAFT, draft), draft.totals.gross, draft.totals.gross
    row.customer_name, row.issue_date, row.problems = draft.customer.name, draft.issue_date, []
    row.customer_key, row.net = draft.customer.key, draft.signed_net
    record(session, now, row.client, "invoice drafted anew", row.id, gross=str(row.gross))
    return True


def created(session: Session, invoice_id: int, external_id: str) -> None:
    """The accounting system has it now, under this id."""
    session.execute(update(InvoiceRow).where(InvoiceRow.id == invoice_id).values(external_id=external_id))


def issue(session: Session, row: InvoiceRow, booked: Booked, now: datetime) -> None:
    """Read back and found right: take over number and dates. Raises `ValueError` on an invoice without due date."""
    if booked.due_date is None:
        raise ValueError("an issued invoice has a due date")
    row.number, row.issue_date, row.due_date = booked.number, booked.issue_date, booked.due_date
    row.stage, row.problems = ISSUED, []
    record(session, now, row.client, "invoice issued", row.id, number=booked.number, gross=str(booked.gross))


def hold(session: Session, row: InvoiceRow, problems: Sequence[Problem], now: datetime) -> bool:
    """Stop an invoice where it is, with every reason; False when it was held for the same reasons before."""
    found = [{"code": problem.code, "message": problem.message} for problem in problems]
    if row.problems == found:
        return False
    row.problems = found
    record(session, now, row.client, "invoice held", row.id, problems=found)
    return True


def relieve(session: Session, row: InvoiceRow, now: datetime) -> None:
    """What held an invoice is gone."""
    row.problems = []
    record(session, now, row.client, "invoice relieved", row.id)


def file(session: Session, row: InvoiceRow, papers: Sequence[Paper], due: Duty, now: datetime) -> None:
    """The documents are in the archive; note them, and which e-invoice form was due for what reason."""
    forms.decide(session, row, due, now)
    for paper in papers:
        keep(session, row, paper, now)
    row.stage, row.problems = FILED, []


def keep(session: Session, row: InvoiceRow, paper: Paper, now: datetime) -> None:
    """Note one archived document of an invoice."""
    session.add(
        DocumentRow(
            client=row.client,
            invoice_id=row.id,
            kind=paper.kind,
            sha256=paper.sha256,
            media_type=paper.media_type,
            name=paper.name,
            size=paper.size,
            template_version=paper.template_version,
            created_at=now,
        )
    )
    record(session, now, row.client, "document archived", row.id, kind=paper.kind, sha256=paper.sha256)


def sent(session: Session, invoice_id: int, check_on: date | None, now: datetime) -> None:
    """It has left the house; look at the payment on `check_on`."""
    row = session.get_one(InvoiceRow, invoice_id)
    row.stage, row.sent_at, row.check_on = SENT, now, check_on


def to_file(session: Session, client: str, limit: int) -> list[int]:
    """Ids of issued invoices without documents; held ones again too, but last and at most `limit`."""
    query = (
        select(InvoiceRow.id, InvoiceRow.problems)
        .where(InvoiceRow.client == client, InvoiceRow.stage == ISSUED)
        .order_by(InvoiceRow.id)
    )
    rows = session.execute(query).all()
    moving = [invoice_id for invoice_id, problems in rows if not problems]
    held = [invoice_id for invoice_id, problems in rows if problems]
    return moving + rechecks.longest_unseen(session, client, held, limit)


def get(session: Session, invoice_id: int) -> InvoiceRow:
    """One invoice; `LookupError` if there is none."""
    row = session.get(InvoiceRow, invoice_id)
    if row is None:
        raise LookupError(f"no invoice {invoice_id}")
    return row


def find(session: Session, name: str, client: str | None = None) -> list[InvoiceRow]:
    """Invoices by number or by our marker, letter case ignored."""
    query = select(InvoiceRow).where(
        or_(InvoiceRow.number.ilike(_literal(name), escape="\\"), InvoiceRow.marker == name.upper())
    )
    if client:
        query = query.where(InvoiceRow.client == client)
    return list(session.scalars(query.order_by(InvoiceRow.id)))


def by_external_id(session: Session, client: str, external_ids: Sequence[str]) -> dict[str, InvoiceRow]:
    """Our invoices among those of the accounting system, by its ids."""
    query = select(InvoiceRow).where(InvoiceRow.client == client, InvoiceRow.external_id.in_(external_ids))
    return {row.external_id: row for row in session.scalars(query) if row.external_id}


def documents(session: Session, invoice_id: int) -> dict[str, DocumentRow]:
    """The documents of an invoice by kind."""
    query = select(DocumentRow).where(DocumentRow.invoice_id == invoice_id).order_by(DocumentRow.id)
    return {row.kind: row for row in session.scalars(query)}


def effect_of(session: Session, invoice_id: int, kind: Kind) -> EffectRow:
    """The effect of that kind that belongs to the invoice; there is exactly one of each."""
    query = select(EffectRow).where(EffectRow.invoice_id == invoice_id, EffectRow.kind == kind)
    return session.scalars(query).one()


def created_since(session: Session, client: str, day: date) -> list[InvoiceRow]:
    """The invoices that the accounting system has from us and that were issued on or after the day."""
    query = select(InvoiceRow).where(
        InvoiceRow.client == client, InvoiceRow.issue_date >= day, InvoiceRow.external_id.is_not(None)
    )
    return list(session.scalars(query.order_by(InvoiceRow.id)))


def customer_number(row: InvoiceRow) -> str:
    """The number by which a client's file speaks of the customer; empty where the source gave none."""
    return str(row.draft["customer"]["number"])


def draft_of(row: InvoiceRow) -> Draft:
    """The draft as it was written down."""
    return DRAFT.validate_python(row.draft)


def invoice_of(row: InvoiceRow) -> Invoice:
    """The issued invoice. Raises `ValueError` while it has no number."""
    if row.number is None or row.due_date is None:
        raise ValueError(f"invoice {row.marker} is not issued yet")
    return Invoice(row.number, row.due_date, draft_of(row))


def _literal(name: str) -> str:
    return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
