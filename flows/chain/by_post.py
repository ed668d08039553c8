"""By post: give letters to the service that prints and posts them, and follow them until they are on their way.

The service reads the address from the window of the page. What it has read is compared with whom the letter is for,
and a letter that would go elsewhere is taken back while that is possible.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from billing.dunning import first_check
from billing.dunning_policy import Level
from billing.invoices import Channel
from billing.postal import is_addressed_to
from connectors.errors import ConnectorError, NeedsPerson
from connectors.protocols import Letter, LetterProgress, LetterStage, PostOffice, Reach, Recaller
from flows.chain.account import check_mailed_account
from flows.chain.issue import subject_of
from flows.chain.leaving import let_leave, may_leave
from flows.chain.searched import Search, settle_search
from flows.performing import channel_after
from flows.report import Entry, Result
from flows.work import Work
from ledger import bounces, consignments, effects, invoices, notices, stops
from ledger.database import Transaction
from ledger.effects import Flight, Kind
from ledger.overrides import INVOICE_LETTERS, LETTERS
from ledger.post_tables import ConsignmentRow
from ledger.tables import EffectRow, InvoiceRow, Json

NO_SERVICE = "Für diesen Mandanten ist kein Briefdienst eingerichtet (post: in der YAML-Datei)."
ASK_AGAIN = timedelta(minutes=30)
SELDOM = timedelta(hours=6)
"""How often a letter is asked for on which a person has to act first, and the proof of a registered one."""
TOO_LONG = timedelta(days=4)
"""A letter that is not printed by then is asked about."""
PROOF_WITHIN = timedelta(days=14)
"""After that no proof of delivery will come."""


def to_post(work: Work) -> list[int]:
    """Ids of the letters with invoices that may be given up now."""
    return may_leave(work, INVOICE_LETTERS)


def post_one(work: Work, effect_id: int) -> Entry | None:
    """Have one archived paper printed and posted, exactly the bytes that were kept."""
    return let_leave(work, effect_id, "Brief", giving_up(work), note_posted(work))


def giving_up(work: Work) -> Callable[[Flight, Reach], Json]:
    """The act of giving an archived PDF to the letter service."""

    def give_up(flight: Flight, reach: Reach) -> Json:
        office = _office(work)
        check_mailed_account(work, flight.payload.get("iban", ""))
        pdf = work.archive.get(flight.payload["sha256"])
        letter = Letter(pdf, flight.key, is_registered=bool(flight.payload.get("is_registered")))
        return {"order": office.post(letter, reach)}

    return give_up


def note_posted(work: Work) -> Callable[[Transaction, Flight, Json], None]:
    """What it means that the service has taken a letter: it is followed, and for its invoice the time begins."""

    def note(session: Transaction, flight: Flight, result: Json) -> None:
        now = work.clock.now()
        consignments.begin(session, flight, str(result["order"]), LetterStage.WAITING, now)
        if flight.kind is not Kind.POST_INVOICE:
            return
        row, waited = invoices.get(session, flight.invoice_id), bounces.settle_by_effect(session, flight.effect_id, now)
        # With a second copy no time begins anew.
        if row.sent_at is None or waited:
            invoices.sent(session, row.id, first_check(invoices.invoice_of(row).due_date, work.policy_for(row)), now)

    return note


def reminds_by_post(session: Transaction, row: InvoiceRow, step: Level) -> bool:
    """Whether a reminder goes as a letter: the step says so, or the invoice went that way, perhaps after a bounce."""
    is_wanted = Channel.POST in (step.channel, invoices.draft_of(row).channel)
    return is_wanted or bounces.goes_by_post(session, row.id)


def to_look_up(work: Work) -> list[int]:
    """Ids of the letters of unknown fate whose quiet period is over."""
    if work.post is None:
        return []
    with work.ledger.reading() as session:
        now = work.clock.now()
        return [effect.id for kind in LETTERS for effect in effects.unknown(session, work.client, kind, now)]


def look_up_one(work: Work, effect_id: int, note: Callable[[Transaction, Flight, Json], None]) -> Entry:
    """Search all orders of the service for our key: adopt the one hit, alarm on several, count none."""
    search = Search(
        "order",
        found="Der Brief war aufgegeben und ist gefunden.",
        doubled="Der Brief liegt beim Briefdienst {number}-mal vor. Bitte dort alle bis auf einen zurückziehen.",
        again="Der Brief ist nicht aufgegeben und wird noch einmal aufgegeben.",
    )
    return settle_search(work, effect_id, search, lambda effect, since: _office(work).find(effect.key, since), note)


def to_track(work: Work) -> list[int]:
    """Ids of the letters whose service is to be asked now; none in a rehearsal, for one may have to be recalled."""
    if work.post is None:
        return []
    with work.ledger.reading() as session:
        if stops.rehearses(session):
            return []
        return consignments.to_look_at(session, work.client, work.clock.now())


def track_one(work: Work, effect_id: int) -> Entry | None:
    """Ask how far one letter has come; what will not reach its customer is taken back and told."""
    with work.ledger.reading() as session:
        letter, effect = consignments.get(session, effect_id), effects.get(session, effect_id)
        row = invoices.get(session, effect.invoice_id)
    subject = f"Brief zu {subject_of(row)}"
    try:
        progress = _office(work).progress(letter.external_id)
        why = _why_lost(letter, effect, progress)
        if why and progress.stage is not LetterStage.GONE:
            why = f"{why} {_taken_back(_office(work), letter, progress)}"
    except ConnectorError as error:
        return Entry(Result.WAITING, subject, error.message, channel_after(error))
    now = work.clock.now()
    with work.ledger.writing() as session:
        letter, effect = consignments.get(session, effect_id), effects.get(session, effect_id)
        is_news = consignments.seen(session, letter, row.id, progress.stage, progress.said, now)
        letter.is_checked = letter.is_checked or bool(progress.address)
        letter.look_at = None if why else _look_at(letter, effect, progress, now)
        if why:
            bounces.note(session, effect, None, "", why, now)
            return Entry(Result.HELD, subject, why)
        if told := _told(work, session, row, letter, progress, now):
            return told
    if progress.stage is LetterStage.POSTED and is_news:
        return Entry(Result.DONE, subject, "Der Brief ist in der Post.")
    return None


def _why_lost(letter: ConsignmentRow, effect: EffectRow, progress: LetterProgress) -> str:
    """Why the letter will not reach its customer, in German; empty where nothing speaks against it."""
    if progress.stage is LetterStage.GONE:
        return f"Der Brief ist beim Briefdienst zurückgezogen und wird nicht gedruckt. {progress.said}".strip()
    if letter.is_checked or not (progress.address or progress.stage is LetterStage.POSTED):
        return ""
    if is_addressed_to(effect.payload["address"], progress.address):
        return ""
    read = " ".join(progress.address.split()) or "nichts"
    return f"Der Briefdienst hat im Anschriftfeld etwas anderes gelesen: {read}."


def _taken_back(office: PostOffice, letter: ConsignmentRow, progress: LetterProgress) -> str:
    """Take the order back, and say whether that went. Dying after it does no harm: the next look finds it gone."""
    if progress.stage is not LetterStage.POSTED and isinstance(office, Recaller):
        try:
            office.recall(letter.external_id)
        except NeedsPerson as error:
            return f"Zurückziehen ließ er sich nicht mehr: {error.message}"
        return "Er ist zurückgezogen und wird nicht gedruckt."
    return "Er ist schon gedruckt."


def _look_at(letter: ConsignmentRow, effect: EffectRow, progress: LetterProgress, now: datetime) -> datetime | None:
    if progress.stage is LetterStage.HELD:
        return now + SELDOM
    if progress.stage is LetterStage.WAITING:
        return now + ASK_AGAIN if letter.is_checked else now
    is_proof_to_come = effect.payload.get("is_registered") and not progress.said
    return now + SELDOM if is_proof_to_come and now - letter.ordered_at < PROOF_WITHIN else None


def _told(
    work: Work,
    session: Transaction,
    row: InvoiceRow,
    letter: ConsignmentRow,
    progress: LetterProgress,
    now: datetime,
) -> Entry | None:
    """A person is asked once about a letter that does not go on."""
    is_stuck = progress.stage is LetterStage.WAITING and now - letter.ordered_at >= TOO_LONG
    if progress.stage is not LetterStage.HELD and not is_stuck:
        return None
    title = f"Brief zu Rechnung {row.number} an {row.customer_name} liegt beim Briefdienst fest"
    body = (
        f"Der Auftrag {letter.external_id} wird dort nicht gedruckt. Bitte im Kundenkonto nachsehen: reicht das"
        " Guthaben, ist die Anschrift lesbar, gilt der Testbetrieb (mode: test)? Danach geht es von selbst weiter."
    )
    owner, today = work.config.dunning.task_owner, work.clock.today()
    task = notices.ask(session, work.client, f"letter/{letter.effect_id}", title, body, owner, today, now, row.id)
    return Entry(Result.HELD if task.created_at == now else Result.STILL, subject_of(row), title)


def _office(work: Work) -> PostOffice:
    if work.post is None:
        raise NeedsPerson(NO_SERVICE)
    return work.post
