"""Issue: from a collected job to an invoice that the accounting system has numbered and we have compared."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from billing.comparing import STILL_A_DRAFT, Booked, differences
from billing.contents import content_problems
from billing.drafting import CannotDraft, Problem, draft
from billing.einvoice_duty import Duty, circumstances, duty
from billing.invoices import Channel as Way
from billing.invoices import Draft
from billing.jobs import Job
from billing.markers import marker
from billing.work_marks import marked
from config.client import channel_for, exception_for, terms_of, xrechnung_for
from config.customers import known_as, payment_by
from config.work import marks_of
from connectors.errors import ConnectorError, NeedsPerson, NotAuthorised
from connectors.protocols import DraftIssuer, Reach
from flows import gates, rechecking
from flows.chain.approving import awaits_approval
from flows.performing import channel_after, perform
from flows.report import Channel, Entry, Result
from flows.work import Work
from ledger import approvals, effects, invoices, jobs, overrides, restoring
from ledger.database import Transaction
from ledger.effects import TAKEABLE, Flight, Kind, State
from ledger.tables import InvoiceRow, Json


def to_draft(work: Work) -> list[int]:
    """Ids of the jobs that wait for their invoice; none while no invoice may be made."""
    if gates.waits(work, Kind.CREATE_INVOICE):
        return []
    with work.ledger.reading() as session:
        return jobs.ready(session, work.client)


def draft_one(work: Work, job_id: int) -> Entry | None:
    """Write down the draft together with the intent to create it, or hold the job with every reason."""
    now = work.clock.now()
    with work.ledger.writing() as session:
        row = jobs.get(session, job_id)
        if row.state != jobs.READY:
            return None
        job = jobs.job_of(row)
        try:
            drafted = _drafted(work, job)
        except CannotDraft as error:
            is_news = jobs.hold(session, row, error.problems, now)
            return Entry(held(is_news), _job_subject(job), str(error))
        problem = _billed_already(session, work.client, job)
        if problem:
            is_news = jobs.hold(session, row, (problem,), now)
            return Entry(held(is_news), _job_subject(job), problem.message)
        invoice = invoices.add(session, row, drafted, now)
        effect = invoices.effect_of(session, invoice.id, Kind.CREATE_INVOICE)
        restoring.plan_in_doubt(session, effect, work.settings.lookups, now)
    return Entry(Result.DONE, f"Auftrag {row.number}")


def redraft_one(work: Work, invoice_id: int) -> Entry | None:
    """Make a refused draft anew if its job has been mended in the source meanwhile."""
    with work.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        try:
            drafted = _drafted(work, jobs.job_of(jobs.get(session, row.job_id)))
        except CannotDraft as error:
            return Entry(Result.STILL, subject_of(row), str(error))
        before = invoices.draft_of(row)
        if replace(drafted, issue_date=before.issue_date) == before:
            return None
        invoices.redraft(session, row, drafted, work.clock.now())
    return Entry(Result.DONE, subject_of(row), "Entwurf neu gefasst.")


def refused(work: Work) -> list[int]:
    """Ids of the invoices whose creation the accounting system refused."""
    with work.ledger.reading() as session:
        return invoices.refused(session, work.client)


def in_work(work: Work) -> list[int]:
    """Ids of the invoices that are drafted and want to be created, or created and want to be compared."""
    with work.ledger.reading() as session:
        room = gates.room(work, session, Kind.CREATE_INVOICE)
        waiting = len(effects.due(session, work.client, Kind.CREATE_INVOICE, work.clock.now()))
        found = invoices.in_work(session, work.client, work.settings.recheck_held_limit)
    if waiting > room:
        gates.tell_cap(work, Kind.CREATE_INVOICE, waiting - max(0, room))
    return found


def issue_one(work: Work, invoice_id: int) -> Entry | None:
    """Create the invoice if that is still to be done, then read it back and compare it to the cent."""
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
        effect = invoices.effect_of(session, invoice_id, Kind.CREATE_INVOICE)
        is_held = held_by_person(work, session, row)
        asked = approvals.of_draft(session, row)
    if is_held:
        return None
    if effect.state in TAKEABLE:
        if waiting := awaits_approval(work, row, asked):
            return waiting
        entry = perform(work, effect, row.customer_name, _creating(work, invoices.draft_of(row)), note_created)
        if entry is None or entry.result is not Result.DONE:
            return entry
    elif effect.state != State.DONE:
        return None
    return compare_one(work, invoice_id)


def compare_one(work: Work, invoice_id: int) -> Entry:
    """Read a created invoice back; what differs in anything holds it before it can reach the customer."""
    with work.ledger.reading() as session:
        row = invoices.get(session, invoice_id)
    if resting := rechecking.still(work, row, subject_of(row)):
        return resting
    try:
        booked = work.accounting.read(row.external_id or "")
    except NeedsPerson as error:
        if isinstance(error, NotAuthorised):
            return Entry(Result.WAITING, row.customer_name, error.message, channel=Channel.SHUT)
        return hold_one(work, invoice_id, [Problem(type(error).__name__, error.message)])
    except ConnectorError as error:
        return Entry(Result.WAITING, row.customer_name, error.message, channel_after(error))
    found = differences(invoices.draft_of(row), booked)
    if found == [STILL_A_DRAFT] and isinstance(work.accounting, DraftIssuer):
        entry = _finish(work, work.accounting, row)
        if entry:
            return compare_one(work, invoice_id) if entry.result is Result.DONE else entry
    if found:
        return hold_one(work, invoice_id, [Problem("differs", text) for text in found])
    return _issue(work, invoice_id, booked)


def _finish(work: Work, system: DraftIssuer, row: InvoiceRow) -> Entry | None:
    """Issue a draft of ours that was compared and found right; None when that was done before.

    Finishing what is finished does nothing, and the reading just now was the look-up of an unknown outcome.
    """
    now = work.clock.now()
    with work.ledger.writing() as session:
        effect = effects.plan(session, work.client, Kind.ISSUE_INVOICE, row.marker, row.id, {}, now)
        if effect.state == State.UNKNOWN and effect.not_before <= now:
            effects.move(session, effect, State.PLANNED, now)

    def finish(_flight: Flight, reach: Reach) -> Json:
        reach("sending")
        system.issue(row.external_id or "")
        return {}

    return perform(work, effect, subject_of(row), finish, lambda _session, _flight, _result: None)


def note_created(session: Transaction, flight: Flight, result: Json) -> None:
    """The accounting system has made the invoice: remember its id there."""
    invoices.created(session, flight.invoice_id, result["external_id"])


def held_by_person(work: Work, session: Transaction, row: InvoiceRow) -> bool:
    """Whether somebody has said that nothing more leaves for this invoice."""
    return overrides.held(session, row.id, work.clock.today()) is not None


def _job_subject(job: Job) -> str:
    return f"Auftrag {job.number}" + (f", {job.customer.name}" if job.customer else "")


def subject_of(row: InvoiceRow) -> str:
    """How people call an invoice: by its number and customer, before it has one by customer and marker."""
    return f"Rechnung {row.number}, {row.customer_name}" if row.number else f"{row.customer_name} ({row.marker})"


def _drafted(work: Work, job: Job) -> Draft:
    """The draft under the client's words and exceptions for this customer. Raises `CannotDraft`."""
    number = job.customer.number if job.customer else ""
    exception = exception_for(work.config, number)
    job = replace(
        marked(job, marks_of(work.config.work)),
        customer=known_as(job.customer, exception) if job.customer else None,
        terms=job.terms if exception.days_until_due is None else None,
    )
    key = marker(work.client, job.source, job.external_id)
    plain = draft(job, terms_of(work.config, number), channel_for(work.config, number), work.clock.today(), key)
    drafted = replace(plain, payment=payment_by(exception))
    problems = (*content_problems(drafted, work.seller), *_paper_problems(work, drafted))
    if problems:
        raise CannotDraft(problems)
    return drafted


def _paper_problems(work: Work, drafted: Draft) -> Iterator[Problem]:
    """A letter is no e-invoice: whoever must get one cannot be written to by post alone (§ 14 (2) UStG)."""
    if drafted.channel is Way.POST and (due := duty_of(work, drafted)).is_compulsory:
        cure = "Bitte für diesen Kunden  channel: mail  und eine E-Mail-Adresse eintragen."
        yield Problem(
            "paper", f"{drafted.customer.name} muss eine E-Rechnung bekommen, keinen Brief: {due.reason} {cure}"
        )


def duty_of(work: Work, drafted: Draft) -> Duty:
    """Which form is due today, in the syntax that the client chose for the customer."""
    turnover = work.config.seller.turnover.get(drafted.performed_until.year - 1)
    facts = circumstances(drafted, work.seller, work.clock.today(), turnover)
    return duty(facts, xrechnung_for(work.config, drafted.customer.number))


def _billed_already(session: Transaction, client: str, job: Job) -> Problem | None:
    other = jobs.invoice_of_order(session, client, job.order_id)
    if other is None:
        return None
    cure = "Bitte prüfen, ob dieser Auftrag gesondert berechnet werden soll."
    return Problem("order-billed", f"Der Auftrag {job.order_number} steht schon auf {subject_of(other)}. {cure}")


def _creating(work: Work, drafted: Draft) -> Callable[[Flight, Reach], Json]:
    def create(_flight: Flight, reach: Reach) -> Json:
        return {"external_id": work.accounting.create(drafted, reach)}

    return create


def _issue(work: Work, invoice_id: int, booked: Booked) -> Entry:
    with work.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        if row.stage == invoices.DRAFTED:
            invoices.issue(session, row, booked, work.clock.now())
    return Entry(Result.DONE, f"Rechnung {booked.number}")


def hold_one(work: Work, invoice_id: int, problems: list[Problem]) -> Entry:
    """Stop an invoice where it is, for these reasons."""
    with work.ledger.writing() as session:
        row = invoices.get(session, invoice_id)
        is_news = invoices.hold(session, row, problems, work.clock.now())
    return Entry(held(is_news), subject_of(row), " ".join(problem.message for problem in problems))


def held(is_news: bool) -> Result:
    """A case is told when it comes up and then stays on the list without being told again in every run."""
    return Result.HELD if is_news else Result.STILL
