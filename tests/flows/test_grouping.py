"""Several invoices of one customer in one letter: one step each, one fee, one statement of account."""

from datetime import datetime
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from billing.dunning import Decision, Outcome
from desk import looking
from flows.chain.preview import preview
from flows.chain.steps import REMIND, TRACK
from ledger import notices
from ledger.bodies import COSTS
from tests.flows.business import CLIENT, Business
from tests.flows.test_money import FIRST, SECOND, decisions, rewrite

FEES = """  business:
    levels:
      - {days: 5, action: reminder}
      - {days: 7, action: notice, fee: 5.00, interest: true}
"""


@pytest.fixture
def three(business: Business) -> Business:
    """Two invoices of one customer and one of another, sent on 2 November, with 5 euro for the second letter."""
    contact = business.customer()
    for customer in (contact, contact, business.customer(company={"name": "Schreinerei Kühn GmbH"})):
        business.finished_job(customer)
    rewrite(business, "dunning:\n", f"dunning:\n{FEES}")
    business.run()
    assert len(business.mails()) == 3
    return business


def letters(business: Business, since: int) -> list[EmailMessage]:
    """The mails after the first `since`, read."""
    paths = sorted((business.stage.folder / "mails").glob("*.eml"))[since:]
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\N{NO-BREAK SPACE}", " ")


def previewed(business: Business, at: str) -> dict[str, Decision]:
    """What the preview of a day says of each invoice."""
    with business.house() as house:
        config, now = house.client(CLIENT).config, datetime.fromisoformat(at)
        return {str(row.number): decision for row, decision in preview(house.ledger, config, now.date(), now)}


def kept(business: Business) -> dict[str, tuple[str, int | None, Decimal]]:
    """What was really decided last: outcome, level and costs in all."""
    found = {}
    with business.house() as house, house.ledger.reading() as session:
        for row in business.invoices():
            decision = notices.latest(session, row.id)
            assert decision is not None
            demand = {name: value for name, value in decision.demand.items() if name not in ("demanded", "pay_until")}
            total = COSTS.validate_python(demand).total if demand else Decimal(0)
            found[str(row.number)] = (decision.outcome, decision.level, total)
    return found


def test_one_letter_speaks_of_all_invoices_of_a_customer(three: Business) -> None:
    """Two customers get two reminders; the first names both numbers, and each invoice has taken its one step."""
    for _ in range(2):
        three.run(TRACK, REMIND, at=FIRST)
    first, second = (text_of(mail) for mail in letters(three, 3))
    assert ("RE1001" in first, "RE1002" in first, "RE1003" in first) == (True, True, False)
    assert "RE1003" in second
    assert len(list(letters(three, 3)[0].iter_attachments())) == 2
    with three.house() as house, house.ledger.reading() as session:
        steps = [[step.level for step in notices.of_invoice(session, row.id)] for row in three.invoices()]
    assert steps == [[1], [1], [1]]
    assert [item.notices for item in three.receivables("2026-11-24")] == [1, 1, 1]


def test_the_fee_is_charged_once_and_the_run_does_what_the_preview_said(three: Business) -> None:
    """Interest runs on each claim, the letter costs 5 euro once; previewed, decided and recomputed the same."""
    three.run(TRACK, REMIND, at=FIRST)
    foretold = previewed(three, SECOND)
    three.run(TRACK, REMIND, at=SECOND)
    assert {name: (it.outcome, it.level, it.costs.total) for name, it in foretold.items()} == kept(three)
    assert [foretold[name].costs.fee for name in ("RE1001", "RE1002", "RE1003")] == [5, 0, 5]
    assert foretold["RE1002"].costs.interest > 0
    both = text_of(letters(three, 5)[0])
    assert "Versandkosten der Mahnung: 5,00" in both
    total = sum(each.demanded + each.costs.total for name, each in foretold.items() if name != "RE1003")
    assert f"Gesamtbetrag: {total:.2f}".replace(".", ",") in both, both
    with three.house() as house:
        assert all(looking.recompute(house.ledger, row) for row in three.invoices())


def test_a_payment_before_the_mail_leaves_the_rest_in_a_new_letter(three: Business) -> None:
    """A letter written but not sent is withdrawn as a whole; the next one names only what is still open."""
    rewrite(three, "dunning:\n", "limits: {mails_per_day: 0}\ndunning:\n")
    three.run(TRACK, REMIND, at=FIRST)
    paid = three.invoices()[0]
    three.stage.control("payments", {"voucherId": paid.external_id})
    rewrite(three, "limits: {mails_per_day: 0}\n", "")
    for minute in ("30", "45"):
        three.run(TRACK, REMIND, at=f"2026-11-23T09:{minute}:00+01:00")
    told = " ".join(text_of(mail) for mail in letters(three, 3))
    assert ("RE1001" in told, "RE1002" in told, "RE1003" in told) == (False, True, True)
    assert len(three.mails()) == 5


def test_a_client_may_write_one_letter_for_each_invoice(three: Business) -> None:
    """grouping: invoice keeps them apart."""
    rewrite(three, "dunning:\n", "dunning:\n  grouping: invoice\n")
    three.run(TRACK, REMIND, at=FIRST)
    assert len(three.mails()) == 6
    assert {outcome for outcome, _, _ in decisions(three)} == {Outcome.NOTICE}


def test_a_level_speaks_in_its_own_words(three: Business) -> None:
    """template names a folder of the client's; the letter of that level, and no other, is written with it."""
    folder = three.folder / "clients" / "vorlagen" / "levels" / "sanft" / "de"
    folder.mkdir(parents=True)
    own = '{% extends "central/de/notice.txt.j2" %}{% block closing %}Wir kennen uns ja.{% endblock %}\n'
    (folder / "notice.txt.j2").write_text(own, "utf-8")
    rewrite(three, "dunning:\n", "look: {templates: vorlagen}\ndunning:\n")
    plain, notice = "{days: 5, action: reminder}", "\n      - {days: 7, action: notice"
    rewrite(three, f"{plain}{notice}", f"{plain[:-1]}, template: sanft}}{notice}")
    three.run(TRACK, REMIND, at=FIRST)
    assert all("Wir kennen uns ja." in text_of(mail) for mail in letters(three, 3))
    three.run(TRACK, REMIND, at=SECOND)
    assert not any("Wir kennen uns ja." in text_of(mail) for mail in letters(three, 5))
