"""Letters: from a dunning decision to the notice with its statement of account, and to the mail that carries it."""

from datetime import date, datetime
from decimal import Decimal

from billing.dunning import Decision
from billing.dunning_facts import Facts
from billing.dunning_policy import Action, Level, Tone
from billing.interest import InterestStatement
from billing.invoices import Invoice
from billing.parties import Seller
from documents.demand import LEVELS, Cost, CostKind, Notice, OpenInvoice, Received
from documents.look import Look
from documents.mail import Attached, Mail, Sender, notice_mail
from documents.notice import notice_paper


def notice(invoice: Invoice, facts: Facts, decision: Decision, levels: tuple[Level, ...], today: date) -> Notice:
    """What a letter says: the claim with its payments, interest by periods, costs, and the day to pay."""
    draft = invoice.draft
    claim = OpenInvoice(
        invoice.number,
        draft.issue_date,
        invoice.due_date,
        facts.gross,
        _received(facts),
        InterestStatement(decision.costs.periods) if decision.costs.interest else None,
        _costs(decision),
        draft.title,
    )
    place = (decision.level or 1) - 1
    earlier = tuple(each.sent_on for each in facts.notices if each.sent_on and each.received_on)
    pay_until = decision.pay_until or today
    return Notice(words_of(levels, place), today, pay_until, draft.customer, (claim,), earlier, draft.currency)


def mail(
    letter: Notice,
    seller: Seller,
    look: Look,
    sender: Sender,
    invoice: Attached,
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
        (invoice,),
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
    known = tuple(Received(each.principal, each.received_on) for each in facts.receipts if each.principal)
    rest = facts.gross - facts.demandable - sum((each.amount for each in known), Decimal("0.00"))
    return (*known, Received(rest)) if rest else known


def _costs(decision: Decision) -> tuple[Cost, ...]:
    costs = decision.costs
    items = ((CostKind.POSTAGE, costs.fee + costs.earlier_fees), (CostKind.LUMP_SUM, costs.lump_sum))
    return tuple(Cost(kind, amount) for kind, amount in items if amount)
