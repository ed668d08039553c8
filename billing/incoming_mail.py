"""What a mail is that came back: a bounce, a delay, an automatic reply, a complaint, or the word of a person.

Only what the standards define counts as certain (RFC 3464, RFC 3834, RFC 5965); what merely looks like a bounce is for
a person to read.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum


class Sort(StrEnum):
    """What an incoming mail is."""

    BOUNCE = "bounce"
    """Not delivered for good."""
    GIVEN_UP = "given-up"
    """Not delivered after many tries, for a reason that may pass."""
    DELAY = "delay"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    UNCLEAR = "unclear"
    """From a mail server, but no report that a program may rely on."""
    OUT_OF_OFFICE = "out-of-office"
    AUTOMATIC = "automatic"
    OWN = "own"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery report says of one recipient: `action` as in failed, `status` as in 5.1.1 (RFC 3464 2.3)."""

    recipient: str
    action: str
    status: str
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail as it was read. Addresses are bare and in small letters, Message-IDs carry no angle brackets.

    `arrived_at` are the addresses it was delivered to, `refers_to` the mails that it answers, `returned` the mails that
    a report gives back. `notes` are headers that tell who wrote: auto-submitted, precedence and the like.
    """

    sender: str
    subject: str
    text: str
    arrived_at: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    is_complaint: bool = False
    is_bulk: bool = False
    notes: dict[str, str] = field(default_factory=dict)


_SERVERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mdaemon"})
_NOT_WRITTEN = frozenset({"bulk", "junk", "list", "auto_reply"})
_AWAY = re.compile(
    r"abwesen|au(ß|ss)er haus|nicht im (büro|haus)|urlaub|out of (the )?office|on (vacation|leave)|vacation reply"
    r"|away from|automatische antwort|automatic reply|auto(matic)?[- ]?(reply|response)",
    re.IGNORECASE,
)
_AWAY_SUBJECT = re.compile(rf"^\s*(aw:|re:|wg:|fw:)?\s*({_AWAY.pattern})", re.IGNORECASE)


def sort_of(mail: IncomingMail, recipients: Collection[str], own: Collection[str] = ()) -> Sort:
    """What the mail is. `recipients` are those whom we wrote to, `own` the addresses that we write from.

    A report about somebody else (a forwarding of the customer's, for instance) is none about our mail.
    """
    if mail.is_complaint:
        return Sort.COMPLAINT
    if mail.deliveries:
        return _report(mail.deliveries, recipients)
    automatic = mail.notes.get("auto-submitted", "no").split(";")[0].strip().lower() not in ("", "no")
    if mail.sender in own and automatic:
        return Sort.OWN
    if mail.sender.partition("@")[0] in _SERVERS or mail.notes.get("return-path") == "<>":
        return Sort.OUT_OF_OFFICE if _AWAY_SUBJECT.match(mail.subject) else Sort.UNCLEAR
    written_by_machine = automatic or mail.is_bulk or mail.notes.get("precedence", "").lower() in _NOT_WRITTEN
    if written_by_machine or "x-autoreply" in mail.notes or "x-autorespond" in mail.notes:
        return Sort.OUT_OF_OFFICE if _AWAY.search(f"{mail.subject} {mail.text[:500]}") else Sort.AUTOMATIC
    return Sort.OUT_OF_OFFICE if _AWAY_SUBJECT.match(mail.subject) else Sort.ANSWER


def concerned(deliveries: Collection[Delivery], recipients: Collection[str]) -> tuple[Delivery, ...]:
    """What a report says about our own recipients."""
    ours = {address.lower() for address in recipients}
    return tuple(each for each in deliveries if each.recipient.lower() in ours)


def _report(deliveries: Collection[Delivery], recipients: Collection[str]) -> Sort:
    ours = concerned(deliveries, recipients)
    if not ours:
        return Sort.UNCLEAR
    found = {_one(each) for each in ours}
    order = (Sort.BOUNCE, Sort.GIVEN_UP, Sort.UNCLEAR, Sort.DELAY, Sort.DELIVERED)
    return next(sort for sort in order if sort in found)


def _one(delivery: Delivery) -> Sort:
    match delivery.action.lower(), delivery.status[:2]:
        case "failed", "5.":
            return Sort.BOUNCE
        case "failed", "4.":
            return Sort.GIVEN_UP
        case "delayed", _:
            return Sort.DELAY
        case (("delivered" | "relayed" | "expanded"), _):
            return Sort.DELIVERED
    return Sort.UNCLEAR
