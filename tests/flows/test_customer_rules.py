"""Own dunning rules for groups of customers and for single ones, over the whole chain."""

from datetime import datetime

import pytest

from desk import looking
from flows.chain.preview import preview
from flows.chain.steps import REMIND, TRACK
from ledger import notices
from ledger.tables import DecisionRow
from tests.flows.business import CLIENT, Business
from tests.flows.test_money import FIRST, decisions, rewrite

RULES = """  groups:
    Stammkunden: {levels: [{days: 14, action: reminder}], pay_within_days: 21}
    Vormittags: {sending: {until_hour: 8}}
"""


@pytest.fixture
def rules(business: Business) -> Business:
    """Three customers, each with one invoice of 2 November: a usual one, one of a group, one reminded only early."""
    for name in ("Bäckerei Özdemir GmbH", "Schreinerei Kühn GmbH", "Hotel Krone GmbH"):
        business.finished_job(business.customer(company={"name": name}))
    business.run()
    numbers = [row.draft["customer"]["number"] for row in business.invoices()]
    customers = f'''customers:
  "{numbers[1]}": {{dunning: {{group: Stammkunden}}}}
  "{numbers[2]}": {{dunning: {{group: Vormittags, minimum: 1.00}}}}
'''
    rewrite(business, "dunning:\n", f"{customers}dunning:\n{RULES}")
    return business


def kept(business: Business, place: int) -> DecisionRow:
    """The last decision about an invoice, counted from 0."""
    with business.house() as house, house.ledger.reading() as session:
        found = notices.latest(session, business.invoices()[place].id)
    assert found is not None
    return found


def test_each_customer_is_reminded_by_his_own_rules(rules: Business) -> None:
    """The usual one is reminded after five days, the group's only after fourteen, with its own period to pay."""
    rules.run(TRACK, REMIND, at=FIRST)
    assert len(rules.mails()) == 4
    assert [outcome for outcome, _, _ in decisions_so_far(rules)] == ["notice", "nothing", "none"]
    assert "Kundengruppe „Stammkunden“" in kept(rules, 1).reasons[-1]["text"]
    rules.run(TRACK, REMIND, at="2026-11-30T09:00:00+01:00")
    assert len(rules.mails()) == 5
    assert (kept(rules, 1).outcome, kept(rules, 1).policy["origin"]) == ("notice", "Kundengruppe „Stammkunden“")
    assert kept(rules, 1).demand["pay_until"] == "2026-12-21"
    with rules.house() as house:
        assert all(looking.recompute(house.ledger, row) for row in rules.invoices()[:2])


def test_another_hour_waits_without_losing_the_day(rules: Business) -> None:
    """At nine it is too late for a customer who is reminded before eight; the next early run writes to him."""
    rules.run(TRACK, REMIND, at=FIRST)
    assert decisions_so_far(rules)[2] == ("none", None, [])
    rules.run(TRACK, REMIND, at="2026-11-24T07:30:00+01:00")
    assert decisions(rules)[2][0] == "notice"
    assert "Kunde " in kept(rules, 2).policy["origin"]


def test_the_preview_goes_by_the_same_rules(rules: Business) -> None:
    """dunning-preview says the same as the run, and names whose rules it went by."""
    now = datetime.fromisoformat("2026-11-24T07:30:00+01:00")
    with rules.house() as house:
        told = [decision for _, decision in preview(house.ledger, house.client(CLIENT).config, now.date(), now)]
    assert [decision.outcome for decision in told] == ["notice", "nothing", "notice"]
    whose = [reason.text for decision in told for reason in decision.reasons if reason.code == "own-policy"]
    assert len(whose) == 2
    rules.run(TRACK, REMIND, at=now.isoformat())
    assert [outcome for outcome, _, _ in decisions_so_far(rules)] == [decision.outcome for decision in told]


def decisions_so_far(business: Business) -> list[tuple[str, int | None, list[str]]]:
    """As `decisions`, with "none" for an invoice that nothing has been decided about."""
    found: list[tuple[str, int | None, list[str]]] = []
    with business.house() as house, house.ledger.reading() as session:
        for row in business.invoices():
            last = notices.latest(session, row.id)
            against = [reason["code"] for reason in last.reasons if not reason["speaks_for"]] if last else []
            found.append((last.outcome, last.level, against) if last else ("none", None, []))
    return found
