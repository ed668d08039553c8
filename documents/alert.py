"""Mails to the operator and to those who have tasks: what does not go on by itself, why, and what to type."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from billing.drafting import is_plain_mail_address
from billing.parties import Seller
from documents.errors import UnsafeMail
from documents.german import one_line
from documents.letter import seller_view
from documents.look import Look, readable
from documents.mail import Mail, Sender
from documents.mail_checks import Expected, check_mail
from documents.mime import header_name, header_text, mailbox, message
from documents.workshop import write

LONGEST = 600


@dataclass(frozen=True, slots=True)
class Point:
    """One case or task: what it is about, who the customer is, why it waits, how to go on, what to type."""

    subject: str
    customer: str
    reason: str
    cure: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told: `news` in full, `more` further ones that are only counted, `still_open` told before.

    `is_about_tasks`: to a person with something to do, instead of to the operator. `head` is the journal's last seal,
    kept outside of the ledger so that nobody can shorten the chain unseen.
    """

    client: str
    news: tuple[Point, ...]
    more: int = 0
    still_open: tuple[Point, ...] = ()
    is_about_tasks: bool = False
    head: str = ""

    @property
    def total(self) -> int:
        """How many are new, those included that are only counted."""
        return len(self.news) + self.more


def alert_mail(alert: Alert, seller: Seller, sender: Sender, recipient: str, *, token: str, date: datetime) -> Mail:
    """The finished mail, in German and in our own look. Raises `UnsafeMail`."""
    if not is_plain_mail_address(recipient):
        raise UnsafeMail(f"{recipient[:80]!r} ist keine gewöhnliche E-Mail-Adresse.")
    look = Look()
    message_id = f"<{token}@{sender.address.rpartition('@')[2].lower()}>"
    values: dict[str, object] = {"alert": _clean(alert), "seller": seller_view(seller)}
    subject = write(look, "alert.subject.txt.j2", company=header_name(seller.name), **values)
    headers = [
        ("From", mailbox(sender.name, sender.address)),
        ("Reply-To", sender.reply_to or sender.address),
        ("To", recipient),
        ("Subject", header_text(one_line(subject))),
        ("Date", format_datetime(date)),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-generated"),
    ]
    text = write(look, "alert.txt.j2", **values)
    colours = {"accent": look.accent, "accent_text": readable(look.accent), "language": look.language}
    page = write(look, "alert.mail.html.j2", **values, **colours)
    content = message(headers, text, page, (), hashlib.sha256(message_id.encode()).hexdigest()[:24])
    names = (*(name for name, _ in headers), "MIME-Version", "Content-Type")
    check_mail(content, Expected(names, sender.address, recipient, message_id, (), (f"{alert.total} ",)))
    return Mail(content, message_id, recipient)


def _clean(alert: Alert) -> Alert:
    news, still = (tuple(_line(point) for point in points) for points in (alert.news, alert.still_open))
    return Alert(alert.client, news, alert.more, still, alert.is_about_tasks, alert.head)


def _line(point: Point) -> Point:
    return Point(
        *(one_line(text)[:600] for text in (point.subject, point.customer, point.reason, point.cure, point.command))
    )
