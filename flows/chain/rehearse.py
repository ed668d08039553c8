"""Rehearse: the mail and letter that a preview speaks of, written as they would be and sent to nobody."""

from dataclasses import dataclass
from datetime import date, datetime

from billing.dunning import Decision
from billing.dunning_policy import Action
from config.client import seller_of
from config.loading import LoadedClient
from connectors.errors import NeedsPerson
from documents.mail import Attached, Mail
from documents.notice import notice_paper
from flows.around import around, current_policies
from flows.chain import letters
from flows.chain.by_post import reminds_by_post
from flows.chain.preview import decided
from flows.chain.transmit import PDF
from flows.looks import look_of, looks_of
from flows.wiring import House, sender_of
from ledger import claims, invoices
from ledger.object_archive import open_archive
from ledger.tables import InvoiceRow

PREVIEW = "vorschau"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would be decided, and the mail or the letter (PDF) that would go to the customer; neither for a task."""

    decision: Decision
    mail: Mail | None = None
    letter: bytes | None = None


def reminder(house: House, loaded: LoadedClient, row: InvoiceRow, day: date, now: datetime) -> Rehearsed:
    """What would be decided about one invoice on a day, and what would be written.

    Raises `NeedsPerson` and what documents raise when the letter could not be written.
    """
    config, policies = loaded.config, current_policies(house.ledger, loaded.config)
    with house.ledger.reading() as session:
        known = claims.facts_of(session, [row], around(config), day)[row.id]
        papers = invoices.documents(session, row.id)
        policy = policies.of(invoices.customer_number(row))
        facts, decision = decided(row, known, policy, day, now)
        levels, place = policy.levels_for(facts.kind), (decision.level or 1) - 1
        if decision.level is None or not levels[place].reaches_customer:
            return Rehearsed(decision)
        by_post = reminds_by_post(session, row, levels[place])
    letter = letters.notice([letters.Demanded(invoices.invoice_of(row), facts, decision)], levels, day)
    look = looks_of(loaded).get(letter.customer.number) or look_of(loaded)
    look = letters.look_of(look, letter.customer, levels[place].template)
    if by_post:
        return Rehearsed(decision, letter=notice_paper(letter, seller_of(config), look).pdf)
    sender = sender_of(config)
    if sender is None or PDF not in papers:
        raise NeedsPerson("Für diesen Mandanten ist kein Mailversand eingerichtet, oder die Rechnung liegt nicht vor.")
    paper = Attached(papers[PDF].name, open_archive(house.settings.archive).get(papers[PDF].sha256))
    mail = letters.mail(
        letter,
        seller_of(config),
        look,
        sender,
        (paper,),
        token=f"{row.marker}.{PREVIEW}",
        date=now,
        refers_to="",
        on_paper=levels[place].action is Action.NOTICE,
    )
    return Rehearsed(decision, mail)
