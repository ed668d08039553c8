"""A ledger of many open invoices, no two customers alike: part payments, letters of every level, words of people."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from ledger.base import Base
from ledger.database import Ledger
from ledger.effects import Kind, State
from ledger.invoices import SENT
from ledger.levers import Kind as Word
from ledger.tables import (
    AllocationRow,
    DecisionRow,
    EffectRow,
    IncomingRow,
    InvoiceRow,
    JobRow,
    LeverRow,
    NoticeRow,
)
from tests.ledger.samples import CLIENT, add_invoice

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
TODAY = date(2026, 11, 30)
CUSTOMERS = 3000
BATCH = 1000
KINDS = ("consumer", "business", "business", "public")
WORDS = (Word.BLOCK, Word.PROMISE, Word.DISPUTE, Word.EXTENSION)
_DAY = timedelta(1)
_MOST_LETTERS = 3

Rows = dict[type[Base], list[dict[str, Any]]]


def fill(ledger: Ledger, count: int) -> None:
    """So many sent and open invoices, each in a state of its own by its place in the row."""
    with ledger.writing() as session:
        row = add_invoice(session)
        row.number, row.due_date, row.stage = "RE1", date(2026, 7, 1), SENT
        row.sent_at, row.payment_read_at, row.check_on = NOW - 150 * _DAY, NOW, TODAY
        session.flush()
        job = {column.name: getattr(session.get_one(JobRow, row.job_id), column.name) for column in JobRow.__table__.c}
        invoice = {column.name: getattr(row, column.name) for column in InvoiceRow.__table__.c}
        for start in range(1, count, BATCH):
            places = range(start + 1, min(start + BATCH, count) + 1)
            session.execute(insert(JobRow), [job | {"id": at + 1, "external_id": f"dn{at}"} for at in places])
            session.execute(insert(InvoiceRow), [invoice | _own(at, invoice) for at in places])
            for table, rows in _beside(places, invoice["gross"]).items():
                session.execute(insert(table), rows)


def _own(at: int, invoice: dict[str, Any]) -> dict[str, Any]:
    """What is this invoice's own: customer and kind, due date, and how much of it is open."""
    number = str(at % CUSTOMERS)
    customer = invoice["draft"]["customer"] | {"number": number, "kind": KINDS[at % len(KINDS)]}
    return {
        "id": at + 1,
        "job_id": at + 1,
        "marker": f"RB-{at}",
        "number": f"RE{at}",
        "customer_key": number,
        "draft": invoice["draft"] | {"customer": customer},
        "due_date": date(2026, 7, 1) + at % 150 * _DAY,
        "open_amount": invoice["gross"] - (_quarter(invoice["gross"]) if at % 3 == 0 else 0),
    }


def _beside(places: range, gross: Decimal) -> Rows:
    """Part payments of every third invoice, up to three letters of most, a word about every seventh."""
    found: Rows = defaultdict(list)
    for at in places:
        if at % 3 == 0:
            _payment(found, at, _quarter(gross))
        if at % 7 == 0:
            found[LeverRow].append(_lever(at, gross))
        for level in range(1, at % (_MOST_LETTERS + 1) + 1):
            _letter(found, at, level, gross)
    return found


def _payment(found: Rows, at: int, amount: Decimal) -> None:
    day = TODAY - 20 * _DAY
    found[IncomingRow].append(
        {
            "id": at + 1, "client": CLIENT, "source": "bank", "key": f"k{at}", "received_on": day, "amount": amount,
            "line": {}, "state": "booked", "shares": [], "reasons": [], "decided_by": "Abgleich", "seen_at": NOW,
        }
    )  # fmt: skip
    found[AllocationRow].append(
        {
            "client": CLIENT, "incoming_id": at + 1, "invoice_id": at + 1, "received_on": day, "principal": amount,
            "costs": Decimal(0), "interest": Decimal(0), "given_up": Decimal(0), "made_by": "Abgleich", "made_at": NOW,
        }
    )  # fmt: skip


def _lever(at: int, gross: Decimal) -> dict[str, Any]:
    word = WORDS[at // 7 % len(WORDS)]
    return {
        "client": CLIENT, "kind": word, "invoice_id": at + 1, "customer": "", "reason": "am Telefon", "made_by": "Anna",
        "amount": _quarter(gross) if word is Word.PROMISE else None, "open_then": gross, "made_at": NOW - 30 * _DAY,
        "until": TODAY + (at % 20 - 10) * _DAY, "ended_at": None, "ended_by": "",
    }  # fmt: skip


def _letter(found: Rows, at: int, level: int, gross: Decimal) -> None:
    """A letter of that level, sent 15 days before the next."""
    name, sent = (_MOST_LETTERS + 1) * at + level, NOW - 15 * (_MOST_LETTERS + 1 - level) * _DAY
    found[EffectRow].append(
        {
            "id": name, "client": CLIENT, "kind": Kind.SEND_REMINDER, "key": f"m{name}", "invoice_id": at + 1,
            "state": State.DONE, "phase": "", "owner": "", "token": "", "lease_until": None, "attempts": 1,
            "not_before": sent, "payload": {}, "result": {}, "error": "", "evidence": "", "lookups": 0,
            "looked_at": None, "created_at": sent, "changed_at": sent,
        }
    )  # fmt: skip
    found[DecisionRow].append(
        {
            "id": name, "client": CLIENT, "invoice_id": at + 1, "day": sent.date(), "decided_at": sent,
            "outcome": "notice", "level": level, "facts": {}, "policy": {}, "reasons": [],
            "demand": {"pay_until": str(sent.date() + 7 * _DAY)},
        }
    )  # fmt: skip
    found[NoticeRow].append(
        {
            "client": CLIENT, "invoice_id": at + 1, "level": level, "decision_id": name, "effect_id": name,
            "task_id": None, "open_amount": gross, "created_at": sent, "withdrawn_at": None,
        }
    )  # fmt: skip


def _quarter(gross: Decimal) -> Decimal:
    return (gross / 4).quantize(Decimal("0.01"))
