"""Letters: from a dunning decision to the notice with its statement of account, and to the mail that carries it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing.dunning import Decision
from billing.dunning_facts import Facts
from billing.dunning_policy import Action, Level, Tone
from billing.interest import InterestStatement
from billing.invoices import Invoice
from billing.parties import Customer, Seller
from documents.demand import LEVELS, Cost, CostKind, Notice, OpenInvoice, Received
from documents.look import Look, look_for
from documents.mail import Attached, Mail, Sender, notice_mail
from documents.notice import notice_paper

LEVEL_TEMPLATES = "levels"
MOST_ATTACHED = 4
"""With the letter these are as many files as a mail carries."""


@dataclass(frozen=True, slots=True)
class Demanded:
    """An invoice with what is known about it and what was decided."""

    invoice: Invoice
    facts: Facts
    decision: Decision


def notice(demanded: Sequence[Demanded], levels: tuple[Level, ...], today: date) -> Notice:
    """What a letter says: each claim with its payments, interest by periods, costs, and the day to pay."""
    first = demanded[0]
    letters = {each.sent_on for one in demanded for each in one.facts.notices if each.sent_on and each.received_on}
    return Notice(
        level=words_of(levels, (first.decision.level or 1) - 1),
        issue_date=today,
        pay_until=first.decision.pay_until or today,
        customer=first.invoice.draft.customer,
        invoices=tuple(_claim(each) for each in demanded),
        earlier=tuple(sorted(letters)),
        currency=first.invoice.draft.currency,
    )


def look_of(look: Look, customer: Customer, template: str) -> Look:
    """The look with a level's templates, `levels/<template>` in the client's folder; the customer's own go before."""
    look = look_for(look, customer)
    if not template or look.templates is None or look.special is not None:
        return look
    return look.model_copy(update={"special": look.templates / LEVEL_TEMPLATES / template})


def _claim(one: Demanded) -> OpenInvoice:
    invoice, decision = one.invoice, one.decision
    return OpenInvoice(
        invoice.number,
        invoice.draft.issue_date,
        invoice.due_date,
        one.facts.gross,
        _received(one.facts),
        InterestStatement(decision.costs.periods) if decision.costs.interest else None,
        _costs(decision),
        invoice.draft.title,
        InterestStatement(decision.costs.periods).total.amount - decision.costs.interest,
    )


def mail(
    letter: Notice,
    seller: Seller,
    look: Look,
    sender: Sender,
    invoices: tuple[Attached, ...],
    *,
    token: str,
    date: datetime,
    refers_to: str,
    on_paper: bool,
) -> Mail:
    """The mail of a notice; a dunning notice also comes as a letter. Raises a `DocumentError`."""
    paper = notice_paper(letter, seller, look) if on_paper else None
    attached = Attached(paper.file_name, paper.pdf) if paper else None
    return notice_mail(
        letter,
        seller,
        look,
        sender,
        invoices,
        message_id_token=token,
        date=date,
        letter=attached,
        refers_to=refers_to,
    )


def words_of(levels: tuple[Level, ...], place: int) -> int:
    """Which of the letters' four wordings a step takes: 1 friendly, 2 first, 3 second, 4 last dunning notice."""
    step = levels[place]
    if step.action is Action.REMINDER:
        return LEVELS[0]
    if step.tone is Tone.LAST:
        return LEVELS[-1]
    return min(1 + sum(each.action is Action.NOTICE for each in levels[: place + 1]), LEVELS[-2])


def _received(facts: Facts) -> tuple[Received, ...]:
    """The payments whose day we know, and in one sum what the accounting system knows beyond them."""
    known = tuple(
        Received(each.principal, each.received_on, each.costs + each.interest)
        for each in facts.receipts
        if each.principal
    )
    rest = facts.gross - facts.demandable - sum((each.amount for each in known), Decimal("0.00"))
    return (*known, Received(rest)) if rest else known


def _costs(decision: Decision) -> tuple[Cost, ...]:
    costs = decision.costs
    items = ((CostKind.POSTAGE, costs.fee + costs.earlier_fees), (CostKind.LUMP_SUM, costs.lump_sum))
    return tuple(Cost(kind, amount) for kind, amount in items if amount)
