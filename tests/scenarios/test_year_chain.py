"""A year of one client on the real chain: accounting over HTTP, mails over SMTP, letters on paper, every day at 7:30.

From December 2024 to the end of 2025, with both changes of the base rate, Easter, Whitsun and Ascension, the change
to summer time and back, a part payment, a broken promise, a dispute, an extension and a letter about two invoices.
Every mail that reminds is foretold here; the sums are reckoned by hand in the comments.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from billing.calendar import BERLIN
from desk import levers, looking
from flows.chain.steps import COLLECT, ISSUE, REMIND, TRACK, TRANSMIT
from ledger import notices, payments
from ledger.levers import Kind
from ledger.overrides import Word
from tests.flows.business import CLIENT, Business
from tests.sandbox.running import line

END = date(2025, 12, 31)
WORD = Word("Anna", "am Telefon")


@dataclass
class Year:
    """The business living from day to day; `plan` says what happens in the morning of a day."""

    business: Business
    day: date
    plan: dict[date, list[Callable[[], None]]] = field(default_factory=dict)
    done: int = 0

    def on(self, day: date, *happenings: Callable[[], None]) -> None:
        """Something that happens on a day, before the run."""
        self.plan.setdefault(day, []).extend(happenings)

    def at(self, hour: int, minute: int = 30) -> str:
        """A wall time of the day, summer or winter."""
        return datetime(self.day.year, self.day.month, self.day.day, hour, minute, tzinfo=BERLIN).isoformat()

    def live(self) -> None:
        """Run each day before seven, when nothing may leave, and after; days without due checks decide nothing."""
        with self.business.house() as house:
            while self.day <= END:
                self._begin()
                with house.ledger.reading() as session:
                    due = payments.to_check(session, CLIENT, self.day)
                if due:
                    self._remind()
                self.day += timedelta(1)

    def _begin(self) -> None:
        """What the plan says for the morning, and what the chain makes of it."""
        happenings = self.plan.get(self.day, [])
        if not happenings:
            return
        self.business.stage.control("clock", {"now": self.at(6, 0)})
        self.done = 0
        for happening in happenings:
            happening()
        self.business.run(*((COLLECT, ISSUE, TRANSMIT) if self.done else (TRACK,)), at=self.at(6, 15))

    def _remind(self) -> None:
        before = len(self.business.mails())
        self.business.run(REMIND, at=self.at(6))
        assert len(self.business.mails()) == before
        self.business.run(TRACK, REMIND, at=self.at(7))

    def job(self, contact: str, *nets: str) -> None:
        """Jobs done today for a customer, one of each amount."""
        day = datetime(self.day.year, self.day.month, self.day.day, tzinfo=BERLIN).isoformat(timespec="milliseconds")
        for net in nets:
            self.done += 1
            shipping = {"shippingType": "service", "shippingDate": day}
            self.business.finished_job(
                contact, voucherDate=day, lineItems=[line(1, float(net))], shippingConditions=shipping
            )

    def pull(self, number: str, kind: Kind, amount: str | None = None, until: date | None = None) -> None:
        """A person's word about an invoice."""
        value = Decimal(amount) if amount else None
        with self.business.house() as house:
            now = datetime.fromisoformat(self.at(6, 10))
            levers.pull(house.ledger, self._id(number), kind, WORD, value, until, now)

    def lift(self, number: str, kind: Kind) -> None:
        """The word does not hold any more."""
        with self.business.house() as house:
            levers.lift(house.ledger, self._id(number), kind, WORD, datetime.fromisoformat(self.at(6, 10)))

    def pay(self, number: str, amount: str | None = None) -> None:
        """The accounting system learns of a payment."""
        (row,) = (row for row in self.business.invoices() if row.number == number)
        body = {"voucherId": row.external_id, "date": self.day.isoformat()}
        self.business.stage.control("payments", body | ({"amount": amount} if amount else {}))

    def book(self, number: str, amount: str) -> None:
        """A person books money by hand as well."""
        with self.business.house() as house:
            now = datetime.fromisoformat(self.at(6, 10))
            levers.add_payment(house.ledger, self._id(number), Decimal(amount), self.day, "Anna", now)

    def _id(self, number: str) -> int:
        (found,) = (row.id for row in self.business.invoices() if row.number == number)
        return found


@dataclass(frozen=True)
class Letter:
    """A mail as the customer reads it: when it left, what it is called, its lines by name, and its files."""

    at: str
    subject: str
    lines: dict[str, list[str]]
    files: dict[str, bytes]

    @property
    def sums(self) -> str:
        """What is open, what is asked beside it, and all of it, in the order of the mail."""
        names = ("Offener Betrag", "Verzugszinsen", "Davon schon gezahlt", PAUSCHALE, "Gesamtbetrag")
        return " | ".join(" + ".join(self.lines[name]) for name in names if name in self.lines)


PAUSCHALE = "Verzugspauschale (§ 288 Abs. 5 BGB)"


def letters(business: Business) -> list[Letter]:
    """All mails that remind, in their order."""
    paths = sorted((business.stage.folder / "mails").glob("*.eml"))
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
    return [_letter(mail) for mail in mails if "ahnung" in str(mail["Subject"]) or "erinnerung" in str(mail["Subject"])]


def _letter(mail: EmailMessage) -> Letter:
    body = mail.get_body(("plain",))
    assert body is not None
    lines: dict[str, list[str]] = {}
    for text in str(body.get_content()).replace("\N{NO-BREAK SPACE}", " ").splitlines():
        name, _, value = text.partition(": ")
        lines.setdefault(name, []).append(value)
    left = parsedate_to_datetime(str(mail["Date"])).astimezone(BERLIN)
    files = {str(part.get_filename()): part.get_payload(decode=True) for part in mail.iter_attachments()}
    return Letter(f"{left:%d.%m.%y %H:%M}", str(mail["Subject"]).partition(": ")[2], lines, files)  # type: ignore[arg-type]


@pytest.fixture
def lived(year: Business) -> Business:
    """The year, lived."""
    life = Year(year, date(2024, 12, 2))
    baker = year.customer()
    joiner = year.customer(company={"name": "Schreinerei Kühn GmbH"})
    hotel = year.customer(company={"name": "Hotel Krone GmbH"})
    person = year.customer(company=None, person={"salutation": "Frau", "firstName": "Ute", "lastName": "Abel"})
    life.on(date(2024, 12, 2), lambda: life.job(baker, "840.34", "1680.67"))
    life.on(date(2025, 1, 8), lambda: life.pay("RE1001"), lambda: life.pay("RE1002"))
    life.on(date(2025, 3, 10), lambda: life.job(hotel, "200"))
    life.on(date(2025, 4, 2), lambda: life.pay("RE1003"))
    life.on(date(2025, 4, 4), lambda: life.job(person, "210.08"))
    life.on(date(2025, 4, 30), lambda: life.pull("RE1004", Kind.PROMISE, "250.00", date(2025, 5, 9)))
    life.on(date(2025, 5, 26), lambda: life.job(joiner, "840.34"))
    life.on(date(2025, 6, 30), lambda: life.pay("RE1005", "400.00"), lambda: life.book("RE1005", "400.00"))
    life.on(date(2025, 7, 14), lambda: life.pay("RE1005"))
    life.on(date(2025, 9, 15), lambda: life.job(hotel, "80"))
    life.on(date(2025, 10, 1), lambda: life.pull("RE1006", Kind.DISPUTE))
    life.on(date(2025, 10, 6), lambda: life.job(baker, "50"))
    life.on(date(2025, 10, 20), lambda: life.lift("RE1006", Kind.DISPUTE))
    life.on(date(2025, 10, 21), lambda: life.pull("RE1006", Kind.EXTENSION, until=date(2025, 10, 31)))
    life.on(date(2025, 10, 28), lambda: life.pay("RE1007"))
    life.on(date(2025, 11, 12), lambda: life.pay("RE1006"))
    life.live()
    return year


LETTERS = [
    # Due Mon 16.12.; a week later both are reminded of in one letter, payable until 30.12.
    ("23.12.24 07:30", "Zahlungserinnerung zu 2 offenen Rechnungen", "1.000,00 € + 2.000,00 €"),
    # In default since 31.12.: of 1000.00 a day at 12.37 % in a leap year (0.3380) and, the base rate having fallen on
    # 1.1., two at 11.27 % (0.6175), that is 0.96; of 2000.00 likewise 1.91. 40 euro for each.
    (
        "02.01.25 07:30",
        "1. Mahnung zu 2 offenen Rechnungen",
        "1.000,00 € + 2.000,00 € | 2,87 € | 80,00 € | 3.082,87 €",
    ),
    # Due 24.3.; on Monday 31.3. it is summer time: 7:30 is 5:30 UTC, when it was 6:30 the week before.
    ("31.03.25 07:30", "Zahlungserinnerung zur Rechnung RE1003", "238,00 €"),
    # Due on Good Friday 18.4., so payable until Tue 22.4. (§ 193 BGB); a week later.
    ("29.04.25 07:30", "Zahlungserinnerung zur Rechnung RE1004", "250,00 €"),
    # Would be dunned on 9.5., but payment is promised for that Friday; the word is broken, so on Monday. No costs: she
    # is a consumer, and the policy asks for none.
    ("12.05.25 07:30", "1. Mahnung zur Rechnung RE1004", "250,00 €"),
    # Ten days later. It sets a period until Ascension Day, so until 30.5.; 14 days later comes a task.
    ("22.05.25 07:30", "Letzte Mahnung zur Rechnung RE1004", "250,00 €"),
    # Due on Whit Monday 9.6., so payable until 10.6.; a week later, payable until 24.6.
    ("17.06.25 07:30", "Zahlungserinnerung zur Rechnung RE1005", "1.000,00 €"),
    # In default since 25.6.: three days of 1000.00 at 11.27 % make 0.9263.
    ("27.06.25 07:30", "1. Mahnung zur Rechnung RE1005", "1.000,00 € | 0,93 € | 40,00 € | 1.040,93 €"),
    # On 30.6. 400.00 came: 40.00 on the lump sum, 0.93 on interest, 359.07 on the claim (§ 367 BGB). Six days of
    # 1000.00 at 11.27 % (1.8526), then, the base rate having fallen, seven of 640.93 at 10.27 % (1.2624).
    ("07.07.25 07:30", "Letzte Mahnung zur Rechnung RE1005", "640,93 € | 3,11 € | −0,93 € | 643,11 €"),
    # Would be reminded of on 6.10.; the dispute is settled on the 20th.
    ("20.10.25 07:30", "Zahlungserinnerung zur Rechnung RE1006", "95,20 €"),
    # Due 20.10.; on Monday 27.10. it is winter time again: at 6:30, which was 7:30 in summer time, nothing left.
    ("27.10.25 07:30", "Zahlungserinnerung zur Rechnung RE1007", "59,50 €"),
    # Extended until Fri 31.10.; free, since the reminder came before that day.
    ("03.11.25 07:30", "1. Mahnung zur Rechnung RE1006", "95,20 €"),
]


def test_a_year_of_letters(lived: Business) -> None:
    """Just these letters leave, on these days and hours, with these sums, in the mail and on paper; one task comes."""
    found = letters(lived)
    assert [(letter.at, letter.subject, letter.sums) for letter in found] == LETTERS
    for letter, (_, subject, sums) in zip(found, LETTERS, strict=True):
        papers = [text_of(content) for name, content in letter.files.items() if name.startswith("Mahnung")]
        assert len(papers) == ("Mahnung" in subject)
        for paper in papers:
            assert subject.partition(" zu")[0] in paper
            assert all(amount in paper for part in sums.split(" | ") for amount in part.split(" + ")), paper
    assert_reckoned(text_of(found[8].files["Mahnung_RE1005.pdf"]))
    with lived.house() as house, house.ledger.reading() as session:
        asked = [(task.title, task.due_on) for task in notices.tasks(session)]
        taken = [step for row in lived.invoices() for step in notices.of_invoice(session, row.id)]
        assert all(looking.recompute(house.ledger, row) for row in lived.invoices())
    assert asked == [("Offene Rechnung RE1004: bei Ute Abel nachfassen", date(2025, 6, 5))]
    assert len({(step.invoice_id, step.level) for step in taken}) == len(taken) == 15


def assert_reckoned(paper: str) -> None:
    """The statement shows the payment, what of it went on costs, and each stretch of interest."""
    assert "Zahlung am 30.06.2025 über 400,00 €, davon 40,93 € auf Kosten und Zinsen" in paper
    assert "−359,07 €" in paper
    assert "25.06.2025 30.06.2025 6 11,27 % 1.000,00 € 1,8526" in paper
    assert "01.07.2025 07.07.2025 7 10,27 % 640,93 € 1,2624" in paper


def text_of(pdf: bytes) -> str:
    """The text of a letter, blanks and lines as single blanks."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
