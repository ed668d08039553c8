"""Times: from recorded and approved work to one job per customer and month, which then goes the way of all others."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from billing.collective import Collected, Month, closed_month
from billing.jobs import Job, TaxCase
from billing.parties import Customer
from billing.vat import line_amount
from config.times import TimesSection
from connectors.times_csv import FOLDER
from flows.chain.collect import readable
from flows.chain.monthly import customer_for, job_id, worth
from flows.performing import channel_after, each
from flows.report import Entry, Result
from flows.work import Work
from ledger import invoices, jobs, notices, reopening, times
from ledger.database import Transaction
from ledger.journal import record
from ledger.times import TIMES, Intake, State

WINDOW = timedelta(days=62)
"""So far back the source is read again each time: work is changed, and deleted, after it was recorded."""
LONGEST_NUMBER = 120


def intake_of(section: TimesSection) -> Intake:
    """How a client takes work in."""
    return Intake(section.approval, section.approver, section.aliases)


def collect(work: Work) -> list[Entry]:
    """Read the time recording and keep what is new or has changed."""
    section, source = work.config.times, work.times
    if section is None or source is None:
        return []
    since = max(section.since, work.clock.today() - WINDOW)
    name = section.system or FOLDER
    found, fault = readable(source.entries, since)
    entries = [replace(entry, source=name) for entry in found if entry.day >= since]
    with work.ledger.writing() as session:
        now, intake = work.clock.now(), intake_of(section)
        outcomes = times.receive(session, work.client, entries, intake, now)
        if fault is None and source.lists_everything:
            listed = {entry.external_id for entry in entries}
            times.withdraw(session, work.client, name, since, listed, intake, now)
    news = sum(outcome is not times.Outcome.SAME for outcome in outcomes)
    told = [Entry(Result.DONE, "Zeiten", f"{news} neu oder geändert.")] if news else []
    return told + ([Entry(Result.WAITING, "Zeiten", fault.message, channel_after(fault))] if fault else [])


def bill(work: Work) -> list[Entry]:
    """Make one job of each customer's work up to the end of the month that is closed; mend those that are held."""
    section = work.config.times
    if section is None:
        return []
    month = closed_month(work.clock.today(), section.billing_day)
    if month.last < section.since:
        return []
    with work.ledger.writing() as session:
        times.rename(session, work.client, section.aliases)
        keys = times.customers(session, work.client, month.last)
        limit = work.settings.recheck_held_limit
        stuck = dict(jobs.held(session, work.client, TIMES, limit))
        stuck |= dict(invoices.refused_jobs(session, work.client, TIMES, limit))
    entries = each(keys, partial(_bill_one, work, section, month))
    return entries + each(stuck, partial(_mend, work, section))


def _bill_one(work: Work, section: TimesSection, month: Month, key: str) -> Entry | None:
    """One customer's month, in one transaction: the job and the work on it, or nothing of both."""
    now = work.clock.now()
    with work.ledger.writing() as session:
        name = reopening.free_id(session, work.client, job_id(key, month))
        if name is None:
            return None  # What came late goes on the next invoice.
        found = times.rows(session, [work.client], until=month.last, customer=key, states=times.OPEN)
        found = [row for row in found if row.is_billable and row.day >= section.since]
        asked = sum(row.state == State.RECORDED for row in found)
        if asked:
            return Entry(Result.STILL, f"Zeiten {month}, {key}", f"{asked} Einträge warten auf Freigabe.")
        if not found:
            return None
        customer = customer_for(session, work.client, section, key)
        if customer is None:
            return _unknown(session, work, section, key, len(found))
        what = worth(work.config, found, month, customer)
        if not any(line_amount(line) for line in what.lines):
            times.bill(session, found, None, now)
            record(session, now, work.client, "work covered", customer=key, entries=[row.id for row in found])
            return Entry(Result.DONE, f"Zeiten {month}, {customer.name}", "Alles im Kontingent: keine Rechnung.")
        row = jobs.store(session, work.client, _job(work, name, customer, what), now)
        times.bill(session, found, row, now)
        record(session, now, work.client, "work billed", job=row.number, entries=[entry.id for entry in found])
    return Entry(Result.DONE, f"Zeiten {month}, {customer.name}", f"{len(found)} Einträge werden berechnet.")


def _mend(work: Work, section: TimesSection, external_id: str) -> Entry | None:
    """Make a job anew that could not become an invoice: the customer or the prices may have been put right."""
    month = Month.named(external_id.rpartition(":")[2].partition(".")[0])
    with work.ledger.writing() as session:
        version = jobs.versions(session, work.client, TIMES, [external_id])[external_id][0]
        row = jobs.find(session, work.client, TIMES, external_id)
        found = times.of_job(session, row.id)
        customer = customer_for(session, work.client, section, found[0].customer_key) if found else None
        if customer is None:
            return None
        what = worth(work.config, found, month, customer)
        job = _job(work, external_id, customer, what)
        if job.version == version:
            return None
        jobs.store(session, work.client, job, work.clock.now())
    return Entry(Result.DONE, f"Zeiten {month}, {customer.name}", "Auftrag neu gefasst.")


def _job(work: Work, external_id: str, customer: Customer, what: Collected) -> Job:
    key, _, month = external_id.removeprefix(TIMES).rpartition(":")
    job = Job(
        source=TIMES,
        external_id=external_id,
        version="",
        number=f"Z-{month}-{key}"[:LONGEST_NUMBER],
        customer=customer,
        lines=what.lines,
        performed_from=what.performed_from,
        performed_until=what.performed_until,
        tax_case=TaxCase.SMALL_BUSINESS if work.seller.small_business else TaxCase.STANDARD,
        is_collective=True,
        timesheet=what.timesheet,
    )
    return jobs.versioned(job)


def _unknown(session: Transaction, work: Work, section: TimesSection, key: str, count: int) -> Entry:
    """Nobody has said who this is: a task, once."""
    now = work.clock.now()
    title = f"Wer ist der Kunde „{key}“? {count} Zeiten warten auf ihre Rechnung"
    body = (
        "Unter diesem Namen ist keine Anschrift bekannt. Abhilfe: unter times.customers in der Mandantendatei den Namen"
        " bei seiner Kundennummer eintragen (names) oder die Anschrift (recipient), oder den Kunden über die"
        " Schnittstelle melden. Danach geht es von selbst weiter."
    )
    task = notices.ask(session, work.client, f"times-customer/{key}"[:200], title, body, section.approver, None, now)
    return Entry(Result.HELD if task.created_at == now else Result.STILL, f"Zeiten, {key}", body)
