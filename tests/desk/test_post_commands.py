"""`bounce` and `account` as they are typed: JSON, exit codes, and words that work once."""

from tests.desk.commands import command, in_json, invoked
from tests.flows.business import Business
from tests.flows.letters import with_letters
from tests.flows.test_account import NEW, change_account
from tests.flows.test_inbox import with_mailbox


def test_a_bounce_is_listed_and_forwarded(business: Business) -> None:
    """The list names address and diagnosis; an odd address ends with 2, a forward with 0, a second one with 1."""
    with_mailbox(business)
    business.finished_job()
    business.run()
    business.stage.control("inbox", {"mail": 1})
    business.run(at="2026-11-02T10:00:00+01:00")
    (row,) = in_json(business, "bounce", "list")["bounces"]
    assert (row["number"], row["recipient"], row["status"]) == ("RE1001", "rechnung@baeckerei.example", "5.1.1")
    for address, code in (("a@b.de, c@d.de", 2), ("neu@baeckerei.example", 0)):
        ended = command(
            business, "bounce", "forward", "RE1001", address, "--reason", "am Telefon", "--by", "Frau Sommer"
        )
        assert ended.returncode == code, ended.stderr
    arrived = ("bounce", "arrived", "RE1001", "--reason", "Brief am 5.11.")
    assert [command(business, *arrived).returncode for _ in range(2)] == [0, 1]


def test_a_letter_that_came_back(business: Business) -> None:
    """A person reports it once; then it stands among what did not arrive, and a second report ends with 1."""
    with_letters(business)
    business.finished_job()
    business.run()
    back = ("bounce", "letter", "RE1001", "--reason", "unbekannt verzogen", "--by", "Frau Sommer")
    first, second = invoked(business, *back), invoked(business, *back)
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "Der Brief kam zurück" in first.output
    (row,) = in_json(business, "bounce", "list")["bounces"]
    assert (row["recipient"], row["diagnostic"]) == (
        "Bäckerei Özdemir GmbH, Markt 3, 79098 Freiburg", "unbekannt verzogen",
    )  # fmt: skip


def test_an_account_by_two_people(business: Business) -> None:
    """`account` shows what is in force and what waits; one person alone is refused with the reason."""
    business.run()
    change_account(business)
    business.run()
    (shown,) = in_json(business, "account", "show")["accounts"]
    assert (shown["in_force"], shown["waiting"]) == ("DE02120300000000202051", NEW.replace(" ", ""))
    ask = command(business, "account", "ask", "--by", "Anna Sommer", "--reason", "neue Bank")
    alone = command(business, "account", "confirm", "--by", "anna sommer", "--reason", "stimmt")
    assert (ask.returncode, alone.returncode, "zweite Person" in alone.stderr) == (0, 1, True)
