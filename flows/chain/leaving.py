"""Leaving: what is planned to leave the house, by mail or by post, and what of it may leave now."""

from collections.abc import Callable, Sequence

from billing.postal import postal_lines
from connectors.protocols import Reach
from documents.letter import address_lines
from documents.mail import Mail
from flows import gates
from flows.chain.issue import held_by_person, subject_of
from flows.chain.recheck import changed_meanwhile
from flows.performing import perform
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices, restoring
from ledger.archive import ArchiveFault
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.tables import EffectRow, InvoiceRow, Json

Act = Callable[[Flight, Reach], Json]
Note = Callable[[Transaction, Flight, Json], None]
"""What success means, in the transaction that records it."""


def may_leave(work: Work, kinds: Sequence[Kind]) -> list[int]:
    """Ids of the mails or letters that may leave now: none while the client is stopped, and no more than his cap."""
    return [effect_id for kind in kinds for effect_id in _of_kind(work, kind)]


def let_leave(work: Work, effect_id: int, what: str, act: Act, note: Note) -> Entry | None:
    """Carry out one planned mail or letter by `act`; None while a person holds its invoice. `what` names it, in German.

    What has waited is compared with the accounting system first.
    """
    with work.ledger.reading() as session:
        effect = effects.get(session, effect_id)
        row = invoices.get(session, effect.invoice_id)
        is_held = held_by_person(work, session, row)
    if is_held:
        return None
    if kept_back := changed_meanwhile(work, row, effect):
        return kept_back
    try:
        return perform(work, effect, f"{what} zu {subject_of(row)}", act, note)
    except ArchiveFault as fault:
        return Entry(Result.REFUSED, subject_of(row), str(fault))


def plan_mail(
    work: Work, session: Transaction, row: InvoiceRow, kind: Kind, document: str, mail: Mail, sha256: str
) -> int:
    """Note an archived mail and plan to send it, and a copy where the client wants one; the id of the mail's effect."""
    paper = invoices.Paper(document, sha256, "message/rfc822", f"{document}.eml", len(mail.message))
    invoices.keep(session, row, paper, work.clock.now())
    payload = {
        "sha256": sha256,
        "recipient": mail.recipient,
        "message_id": mail.message_id,
        "document": document,
        "iban": work.seller.iban,
    }
    effect = _plan(work, session, row, kind, payload)
    copy_to = work.config.mail.copy_to if work.config.mail else None
    if copy_to:
        _plan(work, session, row, Kind.SEND_COPY, {**payload, "recipient": copy_to})
    return effect.id


def plan_letter(
    work: Work,
    session: Transaction,
    row: InvoiceRow,
    kind: Kind,
    document: str,
    sha256: str,
    *,
    is_registered: bool = False,
) -> int:
    """Plan to have an archived PDF printed and posted, `document` being what the letter is called; its effect's id."""
    customer = invoices.draft_of(row).customer
    payload = {
        "sha256": sha256,
        "recipient": ", ".join(address_lines(customer)),
        "address": list(postal_lines(customer)),
        "document": document,
        "iban": work.seller.iban,
        "is_registered": is_registered,
    }
    return _plan(work, session, row, kind, payload).id


def _of_kind(work: Work, kind: Kind) -> list[int]:
    if gates.waits(work, kind):
        return []
    with work.ledger.reading() as session:
        room = max(0, gates.room(work, session, kind))
        due = effects.due(session, work.client, kind, work.clock.now())
    if len(due) > room:
        gates.tell_cap(work, kind, len(due) - room)
    return due[:room]


def _plan(work: Work, session: Transaction, row: InvoiceRow, kind: Kind, payload: Json) -> EffectRow:
    now = work.clock.now()
    effect = effects.plan(session, work.client, kind, f"{row.marker}/{payload['document']}", row.id, payload, now)
    restoring.plan_in_doubt(session, effect, work.settings.lookups, now)
    return effect
