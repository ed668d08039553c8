"""Reconcile: put right what crashes, cut lines and frozen workers left open, by looking it up and never by guessing."""

from collections.abc import Callable

from flows.chain import by_post
from flows.chain.cancel import note_cancelled
from flows.chain.issue import note_created
from flows.chain.remind import note_by_post, note_reminded
from flows.chain.searched import Search, settle_search
from flows.chain.transmit import note_sent
from flows.report import Entry, Result
from flows.work import Work
from ledger import effects, invoices, spool
from ledger.database import Transaction
from ledger.effects import Flight, Kind, State
from ledger.overrides import MAILS
from ledger.tables import EffectRow, Json


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
        row = invoices.get(session, effects.get(session, effect_id).invoice_id)
    search = Search(
        "external_id",
        found="Die Rechnung war angelegt und ist gefunden.",
        doubled=f"Das Zeichen {row.marker} steht auf {{number}} Rechnungen. Bitte alle bis auf eine stornieren.",
        again="Die Rechnung ist nicht entstanden und wird neu angelegt.",
    )
    drafted = invoices.draft_of(row)
    return settle_search(
        work, effect_id, search, lambda _effect, since: work.accounting.find(drafted, since), note_created
    )


def look_up_letter(work: Work, effect_id: int) -> Entry:
    """Search the letter service for a letter of unknown fate."""
    with work.ledger.reading() as session:
        kind = Kind(effects.get(session, effect_id).kind)
    return by_post.look_up_one(work, effect_id, _notes(work)[kind])


def unknown_mails(work: Work) -> list[Entry]:
    """The mails of unknown fate: no program can look them up, a person decides."""
    with work.ledger.reading() as session:
        lost = [effect for kind in MAILS for effect in effects.in_state(session, work.client, kind, State.UNKNOWN)]
    text = "Ob die Mail ankam, ist unbekannt. Bitte beim Empfänger oder im Postausgang nachsehen."
    return [Entry(Result.STILL, effect.key, text) for effect in lost]


def _note_done(work: Work, session: Transaction, effect: EffectRow) -> None:
    flight = effects.flight_of(effect)
    if note := _notes(work).get(flight.kind):
        note(session, flight, effect.result)


def _notes(work: Work) -> dict[Kind, Callable[[Transaction, Flight, Json], None]]:
    """What follows when an effect of this kind turns out to be done."""
    return {
        Kind.CREATE_INVOICE: note_created,
        Kind.SEND_INVOICE: note_sent(work),
        Kind.SEND_ELSEWHERE: note_sent(work),
        Kind.SEND_REMINDER: note_reminded(work),
        Kind.POST_INVOICE: by_post.note_posted(work),
        Kind.POST_CANCELLATION: by_post.note_posted(work),
        Kind.POST_REMINDER: note_by_post(work),
        Kind.CANCEL_INVOICE: note_cancelled,
    }


def _result(effect: EffectRow) -> Result:
    return Result.UNKNOWN if effect.state == State.UNKNOWN else Result.DONE
