"""Recheck: a mail or letter that has waited leaves only if its invoice is still the one in the accounting system.

Between issuing and sending somebody may change, void or delete it there by hand: while an approval is awaited, a daily
cap delays the mail, or the mail server is away.
"""

from datetime import timedelta

from billing.comparing import differences
from billing.drafting import Problem
from connectors.errors import ConnectorError, NeedsPerson, NotAuthorised
from flows import rechecking
from flows.chain.issue import hold_one, subject_of
from flows.performing import channel_after
from flows.report import Channel, Entry, Result
from flows.work import Work
from ledger import invoices, outgoing
from ledger.tables import EffectRow, InvoiceRow

FRESH = timedelta(minutes=30)
"""So long a comparison is good enough, and costs no further request."""
CURE = "Bitte dort prüfen; der Versand wartet so lange."


def changed_meanwhile(work: Work, row: InvoiceRow, effect: EffectRow) -> Entry | None:
    """What keeps an invoice's first mail or letter back now; None lets it go."""
    if not outgoing.is_first(effect, row) or work.clock.now() - effect.created_at < FRESH:
        return None
    if resting := rechecking.still(work, row, subject_of(row)):
        return resting
    about = f"mail/{effect.id}"
    if not row.problems and rechecking.rests(work, about, FRESH):
        return None
    try:
        booked = work.accounting.read(row.external_id or "")
    except NotAuthorised as error:
        return Entry(Result.WAITING, subject_of(row), error.message, channel=Channel.SHUT)
    except NeedsPerson as error:
        return hold_one(work, row.id, [Problem(type(error).__name__, error.message)])
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, channel_after(error))
    found = differences(invoices.draft_of(row), booked)
    if booked.number != row.number:
        found.append(f"Rechnungsnummer: versandfertig {row.number}, gebucht {booked.number}.")
    if found:
        return hold_one(work, row.id, [Problem("changed-upstream", f"{text} {CURE}") for text in found])
    rechecking.note(work, about)
    if row.problems:
        with work.ledger.writing() as session:
            invoices.relieve(session, invoices.get(session, row.id), work.clock.now())
    return None
