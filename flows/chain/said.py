"""The question to the office about a mail that came back: what it says, what that seems to mean, what to type."""

from dataclasses import dataclass

from billing.answers import own_words
from billing.incoming_mail import IncomingMail, Sort
from ledger.tables import InvoiceRow

LONGEST_QUOTE = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """A task for a person."""

    title: str
    body: str


def question_about(sort: Sort, mail: IncomingMail, invoice: InvoiceRow) -> Asked:
    """The task that an incoming mail makes."""
    number = invoice.number or invoice.marker
    title = f"Rechnung {number}: {_TITLES[sort].format(customer=invoice.customer_name)}"
    return Asked(title, f"{_said(mail)} {_CURES[sort].format(number=number)}")


def _said(mail: IncomingMail) -> str:
    words = " ".join(own_words(mail.text).split())
    quote = words if len(words) <= LONGEST_QUOTE else f"{words[: LONGEST_QUOTE - 1]}…"
    return f"{mail.sender or 'Unbekannter Absender'} schreibt („{mail.subject[:80]}“): „{quote}“"


_TITLES = {
    Sort.ANSWER: "Antwort von {customer} lesen",
    Sort.BOUNCE: "die Kopie der Mail ist unzustellbar",
    Sort.GIVEN_UP: "die Mail wurde nach vielen Versuchen nicht zugestellt",
    Sort.UNCLEAR: "unklarer Rückläufer, bitte lesen",
    Sort.COMPLAINT: "der Kunde hat die Mail als Spam gemeldet",
}
_CURES = {
    Sort.ANSWER: (
        "Bitte lesen und antworten. Bis dahin wird nicht gemahnt; danach:  rechnungsbote lift block {number} --reason …"
    ),
    Sort.BOUNCE: "Bitte die Adresse unter  mail.copy_to  in der Datei des Mandanten prüfen.",
    Sort.GIVEN_UP: (
        "Bitte die Adresse prüfen und den Kunden anrufen. Bis dahin wird nicht gemahnt; danach: "
        " rechnungsbote lift block {number} --reason …"
    ),
    Sort.UNCLEAR: "Kam die Rechnung nicht an, den Kunden fragen; Verlauf:  rechnungsbote show {number}",
    Sort.COMPLAINT: (
        "Bitte den Kunden anrufen und einen anderen Versandweg vereinbaren. Bis dahin wird nicht gemahnt; danach: "
        " rechnungsbote lift block {number} --reason …"
    ),
}
