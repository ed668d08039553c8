"""Reconcile: put right what crashes, cut lines and frozen workers left open, by looking it up and never by guessing."""

from datetime import timedelta

from billing.calendar import berlin_day
from connectors.errors import ConnectorError
from flows.chain.cancel import note_cancelled
from flows.chain.issue import note_created, subject_of
from flows.chain.remind import note_reminded
from flows.chain.transmit import note_sent
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices, spool
from ledger.database import Transaction
from ledger.effects import Kind, State
from ledger.overrides import MAILS
from ledger.tables import EffectRow


def recover(work: Work) -> list[Entry]:
    """Take in what dead processes learnt, then settle what they left in flight. Costs no request; safe at any time."""
    now = work.clock.now()
    for path, lines in work.spool.left_behind():
        with work.ledger.writing() as session:
            for line in lines:
                effect = spool.replay(session, line, now)
                if effect:
                    _note_done(work, session, effect)
        path.unlink(missing_ok=True)
    with work.ledger.writing() as session:
        changed = effects.recover(session, work.client, now, work.quiet)
    return [Entry(_result(effect), effect.key, effect.error) for effect in changed]


def to_look_up(work: Work) -> list[int]:
    """Ids of the creations with unknown outcome whose quiet period is over."""
    with work.ledger.reading() as session:
        return [effect.id for effect in effects.unknown(session, work.client, Kind.CREATE_INVOICE, work.clock.now())]


def look_up_one(work: Work, effect_id: int) -> Entry:
    """Search the accounting system completely for our marker: adopt the one hit, alarm on several, count none."""
    with work.ledger.reading() as session:
        effect = effects.get(session, effect_id)
        row = invoices.get(session, effect.invoice_id)
    since = berlin_day(effect.created_at) - timedelta(work.settings.overlap_days)
    try:
        found = work.accounting.find(invoices.draft_of(row), since)
    except ConnectorError as error:
        return Entry(Result.WAITING, subject_of(row), error.message, channel_after(error))
    now = work.clock.now()
    with work.ledger.writing() as session:
        effect = effects.get(session, effect_id)
        if len(found) == 1:
            if effects.adopt(session, effect, {"external_id": found[0]}, now):
                note_created(session, effects.flight_of(effect), {"external_id": found[0]})
            return Entry(Result.DONE, subject_of(row), "Die Rechnung war angelegt und ist gefunden.")
        if found:
            text = f"Das Zeichen {row.marker} steht auf {len(found)} Rechnungen. Bitte alle bis auf eine stornieren."
            effects.refuse(session, effect, text, ", ".join(found), now)
            return Entry(Result.REFUSED, subject_of(row), text)
        again = effects.searched_in_vain(session, effect, work.settings.lookups, work.quiet, now)
    if again:
        return Entry(Result.DONE, subject_of(row), "Die Rechnung ist nicht entstanden und wird neu angelegt.")
    return Entry(Result.UNKNOWN, subject_of(row), "Nicht gefunden; nach der Ruhezeit wird noch einmal gesucht.")


def unknown_mails(work: Work) -> list[Entry]:
    """The mails of unknown fate: no program can look them up, a person decides."""
    with work.ledger.reading() as session:
        lost = [effect for kind in MAILS for effect in effects.in_state(session, work.client, kind, State.UNKNOWN)]
    text = "Ob die Mail ankam, ist unbekannt. Bitte beim Empfänger oder im Postausgang nachsehen."
    return [Entry(Result.STILL, effect.key, text) for effect in lost]


def _note_done(work: Work, session: Transaction, effect: EffectRow) -> None:
    flight = effects.flight_of(effect)
    notes = {
        Kind.CREATE_INVOICE: note_created,
        Kind.SEND_INVOICE: note_sent(work),
        Kind.SEND_ELSEWHERE: note_sent(work),
        Kind.SEND_REMINDER: note_reminded(work),
        Kind.CANCEL_INVOICE: note_cancelled,
    }
    if flight.kind in notes:
        notes[flight.kind](session, flight, effect.result)


def _result(effect: EffectRow) -> Result:
    return Result.UNKNOWN if effect.state == State.UNKNOWN else Result.DONE
