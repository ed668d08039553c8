"""What every bank file becomes: booked lines of one account with stable ids, and up to which day they are complete."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.bank import BankLine
from billing.money import Money, total
from connectors.errors import UnexpectedAnswer

LONGEST_TEXT = 2000
WITHOUT_MEANING = frozenset({"", "NONREF", "NOTPROVIDED", "NOT PROVIDED"})
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
OLD_ACCOUNT = re.compile(r"(\d{8})/(\d{1,10})(?:[A-Z]{3})?", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}")
AMOUNT = re.compile(r"\d{1,15}(?:\.\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Statement:
    """Booked lines of one account out of one file, in the bank's order.

    `complete_until` is the last day of which every booking is surely in it; None if the file does not say so, as a
    notification (CAMT.054). `pending` counts announced movements that were left out: they are no payments.
    """

    source: str
    account: str
    complete_until: date | None
    lines: tuple[BankLine, ...]
    pending: int = 0


@dataclass(frozen=True, slots=True)
class FileRead:
    """What one file, or one reading at the bank, gave: statements, or the German sentence why it was not read."""

    name: str
    statements: tuple[Statement, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line before it has its id: `reference` is the bank's own for it, empty where the bank gives none."""

    line: BankLine
    reference: str = ""


def with_ids(account: str, entries: Iterable[Entry]) -> tuple[BankLine, ...]:
    """Give each line an id that is the same in every file of the account that holds the movement.

    It is made of the bank's reference, or where there is none of the content; movements alike in everything are
    counted, so that two equal payments of one day stay two.
    """
    seen: Counter[str] = Counter()
    lines = []
    for entry in entries:
        digest = _digest(account, entry)
        seen[digest] += 1
        lines.append(replace(entry.line, id=f"{digest}-{seen[digest]}"))
    return tuple(lines)


def _digest(account: str, entry: Entry) -> str:
    line = entry.line
    amount = f"{line.amount.amount.normalize():f} {line.amount.currency}"
    parts = [account, line.booked_on.isoformat(), amount, line.iban, line.end_to_end_id, entry.reference]
    if not entry.reference:
        parts += [line.counterparty.upper(), re.sub(r"\W", "", line.purpose).upper()]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def meaningful(reference: str) -> str:
    """A reference, or nothing for the fillers that banks put in its place."""
    return "" if reference.strip().upper() in WITHOUT_MEANING else reference.strip()


def clean(text: str, place: str) -> str:
    """Text without control characters and surplus blanks; line breaks stay. Refuses what no bank writes."""
    if len(text) > LONGEST_TEXT:
        raise refused(f"{place} ist unglaubhaft lang", place)
    kept = "".join(letter for letter in text if letter == "\n" or letter.isprintable())
    return "\n".join(" ".join(piece.split()) for piece in kept.split("\n")).strip()


def money_of(text: str, currency: str, place: str) -> Money:
    """An amount with a point before the cents and no sign, in a currency of three letters. Never NaN or exponents."""
    if not AMOUNT.fullmatch(text) or not text.isascii():
        raise refused(f"{place} ist kein Betrag", place)
    if not CURRENCY.fullmatch(currency):
        raise refused(f"{place} hat keine Währung", place)
    return Money(Decimal(text), currency)


def account_of(text: str, place: str) -> str:
    """An account's IBAN. Bank code and account number, as in MT940, become the IBAN they belong to."""
    account = "".join(text.split()).upper()
    old = OLD_ACCOUNT.fullmatch(account)
    if old:
        body = f"{old.group(1)}{old.group(2):0>10}"
        # ISO 13616: the check digits of the account with DE (13 14) and 00 at its end.
        return f"DE{98 - int(f'{body}131400') % 97:02d}{body}"
    if not IBAN.fullmatch(account):
        raise refused(f"{place} ist keine Kontonummer", place)
    return account


def day_of(text: str, place: str) -> date:
    """A calendar day, also of an instant; in ISO form."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise refused(f"{place} ist kein Datum", place) from None


def check_balance(opening: Money, lines: Iterable[BankLine], closing: Money, place: str) -> None:
    """Opening balance and all lines must give the closing balance: otherwise lines are missing or misread."""
    if opening + total((line.amount for line in lines), opening.currency) != closing:
        raise refused(f"in {place} ergeben Anfangssaldo und Umsätze nicht den Endsaldo", place)


def refused(what: str, place: str, cure: str = "Bitte die Datei bei der Bank neu herunterladen.") -> UnexpectedAnswer:
    """The error for a file that cannot be trusted; it repeats nothing of the content."""
    return UnexpectedAnswer(f"Die Bankdatei wird nicht gelesen: {what}. {cure}", place)
