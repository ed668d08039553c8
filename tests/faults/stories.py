"""The stories that are told with kills: each leads a firm to a moment, and says what must come of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from billing.parties import Address, Customer
from config.settings import PREFIX
from flows.chain import collect, issue
from flows.chain.contracts import NewContract, sign
from flows.work import Work
from ledger import clientele, times
from ledger.database import Transaction
from ledger.overrides import Word
from ledger.times import Intake
from tests.billing.work import entry
from tests.faults.crashing import Ended, Fate, Running, Spoil, start
from tests.faults.outside import Expected
from tests.flows.business import CLIENT, Business
from tests.flows.letters import with_letters
from tests.sandbox.running import Stage

COPY_TO = "ablage@malerbetrieb-sommer.example"
FIRST = "2026-11-02T09:00:00+01:00"
OVERDUE = "2026-11-24T10:00:00+01:00"
STEP = timedelta(minutes=5)
POST_INVOICE = {"method": "POST", "path_regex": "/v1/invoices$"}


SOLD = """
times: {since: 2026-09-01, billing_day: 1, hourly_rate: 95.00, approval: false}
contracts:
  since: 2026-11-01
  plans: {basis: {title: Wartung, price: 49.00, setup_fee: 99.00}}
"""
KRAEMER = Customer(
    external_id="", name="Hausverwaltung Krämer GmbH", address=Address("Marktplatz 1", "80331", "München"),
    number="10307", email="rechnung@kraemer.example",
)  # fmt: skip


@dataclass
class Firm:
    """A business whose commands are processes of their own; `at` is the time of the next one."""

    business: Business
    folder: Path
    spoil: Spoil | None = None
    at: datetime = field(default_factory=lambda: datetime.fromisoformat(FIRST))
    ended: list[Ended] = field(default_factory=list)

    def run(self, die_at: int = 0) -> Ended:
        """A whole cycle at the present time."""
        return self._note(self.start(Fate(die_at, spoil=self.spoil)))

    def start(self, fate: Fate = Fate()) -> Running:  # noqa: B008 a fate is frozen
        """A whole cycle at the present time that goes on by itself."""
        self.business.stage.control("clock", {"now": self.at.isoformat()})
        return self._begin(("run", "--at", self.at.strftime("%Y-%m-%dT%H:%M:%S")), fate)

    def later(self, die_at: int = 0) -> Ended:
        """A whole cycle five minutes later."""
        self.at += STEP
        return self.run(die_at)

    def command(self, *arguments: str, die_at: int = 0) -> Ended:
        """Any command."""
        return self._note(self._begin(arguments, Fate(die_at, spoil=self.spoil)))

    def _begin(self, arguments: tuple[str, ...], fate: Fate) -> Running:
        names = ("home", "clients", "secrets", "quiet_seconds", "backoff_first_seconds", "database_url")
        settings = {PREFIX + name.upper(): str(getattr(self.business.settings, name)) for name in names}
        return start(arguments, settings, self.folder, fate)

    def _note(self, running: Running) -> Ended:
        self.ended.append(running.ended())
        return self.ended[-1]


@dataclass(frozen=True, slots=True)
class Story:
    """What happens before the kill, the command that is killed, and what must be true after all runs that follow."""

    name: str
    prepare: Callable[[Firm], None]
    act: Callable[[Firm, int], Ended]
    expected: Expected


def begin(stage: Stage, folder: Path, spoil: Spoil | None = None, database_url: str = "") -> Firm:
    """An empty firm on a stage put back to its start."""
    stage.control("reset", {})
    stage.control("index-lag", {"seconds": 0})
    folder.mkdir(parents=True)
    settings = {"database_url": database_url} if database_url else {}
    business = Business(stage, folder, quiet_seconds=60, backoff_first_seconds=60, **settings)
    text = business.client_file.read_text("utf-8")
    business.client_file.write_text(text.replace("  reply_to:", f"  copy_to: {COPY_TO}\n  reply_to:"), "utf-8")
    return Firm(business, folder, spoil)


def tell(firm: Firm, story: Story, die_at: int, *, again: int = 0) -> Ended:
    """Play a story to its end: prepared, killed at a point (the first recovery at `again` too), and put right."""
    story.prepare(firm)
    ended = story.act(firm, die_at)
    firm.later(die_at=again)
    for _ in "12":
        firm.later()
    return ended


def _one_job(firm: Firm) -> None:
    firm.business.finished_job()


def _one_job_by_post(firm: Firm) -> None:
    with_letters(firm.business)
    _one_job(firm)


def _letter_lost(firm: Firm) -> None:
    _one_job_by_post(firm)
    firm.business.fault(method="POST", path_regex="^/v3/printjobs$", kind="gateway-timeout-after-effect")
    firm.run()


def _overdue_by_post(firm: Firm) -> None:
    with_letters(firm.business, channel="mail")
    text = firm.business.client_file.read_text("utf-8")
    level = "{days: 5, action: notice, channel: post}"
    firm.business.client_file.write_text(text.replace("{days: 5, action: reminder}", level), "utf-8")
    _sent_and_overdue(firm)


def _sent_and_overdue(firm: Firm) -> None:
    _one_job(firm)
    firm.run()
    firm.at = datetime.fromisoformat(OVERDUE)


def _answer_lost(firm: Firm) -> None:
    _one_job(firm)
    firm.business.fault(**POST_INVOICE, kind="gateway-timeout-after-effect")
    firm.run()


def _request_lost(firm: Firm) -> None:
    _one_job(firm)
    firm.business.fault(**POST_INVOICE, kind="gateway-timeout-before-effect")
    firm.run()
    firm.later()


def _mail_put_off(firm: Firm) -> None:
    _one_job(firm)
    firm.business.fault(smtp="dot-451", times=2)
    firm.run()


def _mail_unknown(firm: Firm) -> None:
    _one_job(firm)
    firm.business.fault(smtp="disconnect-after-dot-lost")
    firm.run()


def _contract_and_times(firm: Firm) -> None:
    """A contract is due for the first time, and the work of October is free to be billed."""
    with firm.business.client_file.open("a", encoding="utf-8") as file:
        file.write(SOLD)
    with firm.business.house() as house, house.ledger.writing() as session:
        new = NewContract("V-1", KRAEMER.key, "basis", date(2026, 11, 1))
        clientele.announce(session, CLIENT, "crm-1", KRAEMER, firm.at)
        sign(session, house.client(CLIENT).config, new, Word("Büro", "unterschrieben"), firm.at)
        done = (entry(1), entry(2, 9, 45))
        times.receive(session, CLIENT, done, Intake(needs_approval=False, task_owner="Büro"), firm.at)


def _run(firm: Firm, die_at: int) -> Ended:
    return firm.run(die_at)


def _next_run(firm: Firm, die_at: int) -> Ended:
    return firm.later(die_at)


def _resend(firm: Firm, die_at: int) -> Ended:
    return firm.command("resend", "RE1001", "--reason", "nicht angekommen", "--by", "Büro", die_at=die_at)


def _arrived(firm: Firm, die_at: int) -> Ended:
    return firm.command("arrived", "RE1001", "--reason", "Kunde bestätigt", "--by", "Büro", die_at=die_at)


_REMINDED = Expected(reminders=1, copy_to=COPY_TO, earliest_reminder="2026-11-21")
_PLAIN = Expected(copy_to=COPY_TO)

STORIES = (
    Story("Rechnung", _one_job, _run, _PLAIN),
    Story("Vertrag und Zeiten", _contract_and_times, _run, Expected(jobs=2, copy_to=COPY_TO)),
    Story("Erinnerung", _sent_and_overdue, _run, _REMINDED),
    Story("Rechnung als Brief", _one_job_by_post, _run, Expected()),
    Story("Mahnbrief", _overdue_by_post, _run, Expected(reminders=1)),
    Story("Antwort des Briefdienstes verloren", _letter_lost, _next_run, Expected()),
    Story("Antwort verloren", _answer_lost, _next_run, _PLAIN),
    Story("Anfrage verloren", _request_lost, _next_run, _PLAIN),
    Story("Mail aufgeschoben", _mail_put_off, _next_run, _PLAIN),
    Story("Erneut senden", _mail_unknown, _resend, Expected(copy_to=COPY_TO, resends=1, may_be_unknown=True)),
    Story("Angekommen", _mail_unknown, _arrived, Expected(copy_to=COPY_TO, may_be_unknown=True)),
)


@contextmanager
def changing(business: Business) -> Iterator[Transaction]:
    """A transaction in the business's ledger."""
    with business.house() as house, house.ledger.writing() as session:
        yield session


def sent(business: Business) -> int:
    """How many mails left, copies not counted."""
    return sum(mail["envelope"]["recipients"] != [COPY_TO] for mail in business.mails())


def draft_all(work: Work) -> None:
    """Collect and draft, so that an invoice is about to be created."""
    collect.collect(work)
    for job in issue.to_draft(work):
        issue.draft_one(work, job)
