"""When default begins: every way of § 286 BGB, the moved last days of § 193, and the prudent rules of receipt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import is_working_day
from billing.default import (
    DefaultFacts,
    Demand,
    Way,
    default_start,
    last_working_day,
    letter_received,
    mail_received,
    surely_late_on,
)
from billing.parties import CustomerKind

CONSUMER, BUSINESS = CustomerKind.CONSUMER, CustomerKind.BUSINESS
DAY = timedelta(1)


def facts(kind: CustomerKind = CONSUMER, **changed: object) -> DefaultFacts:
    """A claim due on 2 March 2026 with that date printed and nothing else known."""
    return replace(DefaultFacts(kind, date(2026, 3, 2), date(2026, 3, 2)), **changed)  # type: ignore[arg-type]


def test_thirty_days_with_note() -> None:
    """Received on Monday 2 March with the note: the 30th day is 1 April, default from 2 April."""
    start = default_start(facts(received_on=date(2026, 3, 2), note_printed=True))

    assert (start.way, start.last_day, start.in_default_since) == (
        Way.THIRTY_DAYS,
        date(2026, 4, 1),
        date(2026, 4, 2),
    )


def test_thirtieth_day_on_sunday() -> None:
    """Received on Friday 30 January: the 30th day is a Sunday, so Monday 2 March is in time."""
    start = default_start(
        DefaultFacts(CONSUMER, date(2026, 1, 30), date(2026, 1, 30), received_on=date(2026, 1, 30), note_printed=True)
    )

    assert (start.last_day, start.in_default_since) == (date(2026, 3, 2), date(2026, 3, 3))
    assert any("§ 193" in reason for reason in start.reasons)


def test_agreed_good_friday() -> None:
    """An agreed Good Friday moves over Easter to Tuesday 7 April; default from 8 April."""
    start = default_start(facts(agreed_due=date(2026, 4, 3)))

    assert (start.way, start.last_day, start.in_default_since) == (
        Way.AGREED_DATE,
        date(2026, 4, 7),
        date(2026, 4, 8),
    )


def test_agreed_saturday() -> None:
    """An agreed Saturday is paid in time on Monday and late on Tuesday."""
    start = default_start(facts(agreed_due=date(2026, 3, 14)))

    assert not start.is_in_default(date(2026, 3, 16))
    assert start.is_in_default(date(2026, 3, 17))


def test_consumer_without_note_and_reminder() -> None:
    """A date merely printed on the invoice never puts a consumer into default."""
    start = default_start(facts(received_on=date(2026, 3, 2)))

    assert (start.last_day, start.way, start.in_default_since) == (None, None, None)
    assert not start.is_in_default(date(2030, 1, 1))
    assert any("III ZR 91/07" in reason for reason in start.reasons)
    assert any("Hinweis" in reason for reason in start.reasons)


def test_business_with_proven_receipt() -> None:
    """A business with nothing agreed is in default on day 31 after due and receipt."""
    received = date(2026, 3, 2)
    start = default_start(facts(BUSINESS, received_on=received))

    assert start.in_default_since == received + timedelta(31)


def test_business_with_unsure_receipt() -> None:
    """Where receipt is unsure, a business' 30 days count from the work; a consumer's do not run."""
    unsure = {"performed_on": date(2026, 3, 2), "note_printed": True}

    assert default_start(facts(BUSINESS, **unsure)).way is Way.THIRTY_DAYS_AFTER_WORK
    assert default_start(facts(BUSINESS, **unsure)).last_day == date(2026, 4, 1)
    assert default_start(facts(CONSUMER, **unsure)).last_day is None


def test_invoice_before_acceptance_starts_nothing() -> None:
    """The 30 days count from the acceptance when the invoice came earlier."""
    start = default_start(facts(BUSINESS, received_on=date(2026, 2, 2), claim_due=date(2026, 3, 2)))

    assert start.last_day == date(2026, 4, 1)


def test_reminder() -> None:
    """A reminder after the due date brings default on the day after its receipt."""
    start = default_start(facts(reminders=(Demand(date(2026, 3, 10)),)))

    assert (start.way, start.in_default_since) == (Way.REMINDER, date(2026, 3, 11))


def test_reminder_with_a_period() -> None:
    """A period set in the reminder is waited for, moved if it ends on a Saturday."""
    start = default_start(facts(reminders=(Demand(date(2026, 3, 10), date(2026, 3, 21)),)))

    assert start.last_day == date(2026, 3, 23)


@pytest.mark.parametrize("received_on", [date(2026, 2, 20), date(2026, 3, 2)])
def test_reminder_before_the_due_date(received_on: date) -> None:
    """A reminder that arrives before the time granted has passed counts for nothing."""
    start = default_start(facts(reminders=(Demand(received_on),)))

    assert start.last_day is None
    assert any("zählt nicht" in reason for reason in start.reasons)


def test_first_valid_reminder_counts() -> None:
    """An early reminder does not spoil a later one, and the earliest valid one counts."""
    demands = tuple(Demand(date(2026, 3, day)) for day in (1, 9, 20))

    assert default_start(facts(reminders=demands)).last_day == date(2026, 3, 9)


def test_refusal() -> None:
    """A serious and final refusal brings default without a reminder."""
    start = default_start(facts(refused_on=date(2026, 3, 5)))

    assert (start.way, start.in_default_since) == (Way.REFUSAL, date(2026, 3, 6))


def test_printed_date_is_granted_time() -> None:
    """Whatever brings default, it never begins before the printed date has passed."""
    start = default_start(facts(agreed_due=date(2026, 3, 10), printed_due=date(2026, 4, 3)))

    assert (start.way, start.last_day) == (Way.AGREED_DATE, date(2026, 4, 7))
    assert any("Zahlungsziel" in reason for reason in start.reasons)


def test_earliest_way_counts() -> None:
    """Of several ways the earliest one counts, and all are named."""
    start = default_start(
        facts(
            BUSINESS,
            received_on=date(2026, 3, 2),
            reminders=(Demand(date(2026, 3, 12)),),
            refused_on=date(2026, 3, 20),
        )
    )

    assert start.way is Way.REMINDER
    assert [paragraph in " ".join(start.reasons) for paragraph in ("Abs. 1", "Abs. 2 Nr. 3", "Abs. 3")] == [True] * 3


def test_rightly_withheld_payment() -> None:
    """Who rightly withholds payment is not in default, whatever else happened."""
    start = default_start(facts(agreed_due=date(2026, 3, 10), withheld="Mängel am Bad gerügt"))

    assert start.last_day is None
    assert "Mängel am Bad" in start.reasons[0]


def test_holiday_at_either_seat() -> None:
    """Corpus Christi moves the date when the seller or the customer is in Bavaria, not between Berlin and Hamburg."""
    corpus_christi = date(2026, 6, 4)

    assert last_working_day(corpus_christi, ("BE", "BY")) == date(2026, 6, 5)
    assert last_working_day(corpus_christi, ("BY", "BE")) == date(2026, 6, 5)
    assert last_working_day(corpus_christi, ("BE", "HH")) == corpus_christi
    assert last_working_day(corpus_christi) == corpus_christi


def test_chained_holidays_of_two_seats() -> None:
    """31 October in Saxony, a Sunday and 1 November in Bavaria are passed over one after the other."""
    assert last_working_day(date(2025, 10, 31), ("SN", "BY")) == date(2025, 11, 3)
    assert last_working_day(date(2027, 10, 31), ("SN", "BY")) == date(2027, 11, 2)


def test_letter_takes_three_working_days() -> None:
    """A letter posted on Maundy Thursday is assumed to arrive on Thursday after Easter."""
    assert letter_received(date(2026, 3, 2)) == date(2026, 3, 5)
    assert letter_received(date(2026, 4, 2)) == date(2026, 4, 9)


@pytest.mark.parametrize(
    ("sent_at", "received_on"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, 1, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 7, 1, 15, 30, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 3, 6, 17, 30, tzinfo=UTC), date(2026, 3, 9)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), date(2026, 3, 9)),
        (datetime(2026, 3, 1, 23, 30, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_mail_arrives_within_business_hours(sent_at: datetime, received_on: date) -> None:
    """A mail arrives that working day until 17:00 in Berlin, summer or winter, otherwise on the next one."""
    assert mail_received(sent_at) == received_on


def test_mail_needs_a_time_zone() -> None:
    """A naive instant is refused."""
    with pytest.raises(ValueError, match="time zone"):
        mail_received(datetime(2026, 3, 2, 9))  # noqa: DTZ001


def test_consumers_transfer_may_be_on_its_way() -> None:
    """A business is late the day after, a consumer when two bank working days more have passed."""
    friday = date(2026, 3, 6)

    assert surely_late_on(BUSINESS, friday) == date(2026, 3, 7)
    assert surely_late_on(CONSUMER, friday) == date(2026, 3, 11)


some_day = st.dates(date(2024, 1, 1), date(2026, 12, 31))
maybe_day = st.none() | some_day
demands = st.lists(st.builds(Demand, some_day, maybe_day), max_size=3).map(tuple)
any_facts = st.builds(
    DefaultFacts,
    st.sampled_from(CustomerKind),
    some_day,
    some_day,
    maybe_day,
    maybe_day,
    maybe_day,
    st.booleans(),
    demands,
    maybe_day,
    st.just("") | st.just("Mangel"),
    st.lists(st.sampled_from(["BY", "SN", "BE", ""]), max_size=2).map(tuple),
)


@given(known=any_facts)
def test_never_lawless(known: DefaultFacts) -> None:
    """Default needs a way of § 286 and no right to withhold, and begins after due and printed date; with reasons."""
    start = default_start(known)

    assert start.reasons
    assert (start.way is None) == (start.last_day is None)
    if start.last_day:
        assert not known.withheld
        assert start.last_day >= max(known.claim_due, last_working_day(known.printed_due, known.laender))


@given(known=any_facts)
def test_consumer_without_note_needs_more(known: DefaultFacts) -> None:
    """Without note, agreement, valid reminder or refusal a consumer is never in default."""
    bare = replace(known, kind=CONSUMER, note_printed=False, agreed_due=None, refused_on=None, reminders=())

    assert default_start(bare).last_day is None


@given(day=some_day, laender=st.lists(st.sampled_from(["BY", "SN", "NW", "BE"]), max_size=2))
def test_last_day_works_at_both_seats(day: date, laender: list[str]) -> None:
    """A moved last day is a working day at every seat, and no working day for all was skipped."""
    last = last_working_day(day, laender)
    skipped = [day + timedelta(days) for days in range((last - day).days)]

    assert all(is_working_day(last, land) for land in laender or [""])
    assert all(any(not is_working_day(each, land) for land in laender or [""]) for each in skipped)
