"""MT940 statements as German banks give them: tags and balances by the library mt-940, :86: taken apart here.

The library's own reading of :86: loses text at question marks and joins torn lines, so it gets the raw text only.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import InvalidOperation
from typing import Any

from mt940.models import Amount, Balance, Transaction, Transactions
from mt940.options import Options

from billing.bank import BankLine
from billing.money import Money
from connectors.statements import (
    CURRENCY,
    IBAN,
    Entry,
    Statement,
    account_of,
    check_balance,
    clean,
    meaningful,
    refused,
    with_ids,
)

START = re.compile(r"^(?=:20:)", re.MULTILINE)
STRUCTURED = re.compile(r"\d{3}\?\d{2}")
PIECE = re.compile(r"\?(\d{2})")
KEYWORD = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|RTRN)[+:]")
PURPOSE_PIECES = frozenset([*(f"{place}" for place in range(20, 30)), "60", "61", "62", "63"])
PIECE_LENGTH = 27
RETURNED_CODES = frozenset({"108", "109", "159"})
RETURNED_MARKS = frozenset({"RC", "RD"})
MOST_ENTRIES = 200_000

# The library logs fields that it cannot read, with the customers' data in them.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Details:
    """What :86: says, in our terms."""

    code: str = ""
    posting_text: str = ""
    counterparty: str = ""
    iban: str = ""
    purpose: str = ""
    end_to_end_id: str = ""
    mandate: str = ""


def statements_of(text: str) -> list[Statement]:
    """All statements of an MT940 file. Raises `UnexpectedAnswer` for other formats, broken lines and wrong sums."""
    if ":13D:" in text or ":34F:" in text:
        raise refused("es ist ein MT942 mit vorgemerkten Umsätzen; gebraucht wird der Kontoauszug (MT940)", "MT942")
    blocks = [block for block in START.split(text.replace("\r\n", "\n")) if block.startswith(":20:")]
    if not blocks:
        raise refused("darin beginnt kein MT940-Auszug", ":20:")
    return [_statement(block) for block in blocks]


def _statement(block: str) -> Statement:
    # Nothing may be read past: the library skips a line it does not know, but each :61: must give one movement.
    expected = len(re.findall(r"^:61:", block, re.MULTILINE))
    if expected > MOST_ENTRIES:
        raise refused("sie enthält unglaubhaft viele Umsätze", ":61:")
    parsed = Transactions(processors={"post_transaction_details": []}, options=Options.all())
    try:
        parsed.parse(block)
    except (RuntimeError, ValueError, InvalidOperation, TypeError, KeyError, AttributeError):
        # The library names its own mistakes by many types; all mean that the file is not what it should be.
        raise refused("ein Feld des MT940-Auszugs ist fehlerhaft", ":61:") from None
    movements = [each for each in parsed.transactions if each.data.get("amount")] if expected else []
    if len(movements) != expected:
        raise refused("ein Umsatz des MT940-Auszugs ist nicht lesbar", ":61:")
    account = account_of(str(parsed.data.get("account_identification") or ""), ":25:")
    opening = _balance(parsed.data, "opening_balance")
    closing = _balance(parsed.data, "closing_balance")
    lines = with_ids(account, [_entry(each, opening[0].currency) for each in movements])
    check_balance(opening[0], lines, closing[0], "MT940")
    return Statement("mt940", account, closing[1], lines)


def _balance(data: Mapping[str, Any], name: str) -> tuple[Money, date]:
    """A balance and its day, final or of one of several pages."""
    for variant in (f"final_{name}", f"intermediate_{name}"):
        found = data.get(variant)
        if isinstance(found, Balance) and isinstance(found.amount, Amount) and found.date:
            return _money(found.amount, found.amount.currency or ""), _day(found.date)
    raise refused("der Saldo fehlt", name)


def _entry(movement: Transaction, currency: str) -> Entry:
    data = movement.data
    details = _details(str(data.get("transaction_details") or ""))
    value_on = _day(data["date"])
    is_returned = details.code in RETURNED_CODES or str(data.get("status")).upper() in RETURNED_MARKS
    line = BankLine(
        id="",
        booked_on=_day(data.get("entry_date") or data["date"]),
        amount=_money(data["amount"], currency),
        value_on=value_on,
        counterparty=clean(details.counterparty, "?32"),
        iban=details.iban,
        purpose=clean(details.purpose, "?20"),
        end_to_end_id=clean(meaningful(details.end_to_end_id), "EREF"),
        mandate=clean(details.mandate, "MREF"),
        return_reason=clean(details.posting_text or "Rückgabe", "?00") if is_returned else "",
    )
    return Entry(line, meaningful(str(data.get("bank_reference") or "")))


def _details(text: str) -> Details:
    """Take :86: apart. Pieces of the purpose keep their line breaks: a number may be torn there."""
    joined = text.replace("\n", "")
    if not STRUCTURED.match(joined):
        return Details(purpose=text)
    code, *parts = PIECE.split(joined)
    pieces: dict[str, str] = {}
    purpose: list[str] = []
    for key, piece in zip(parts[::2], parts[1::2], strict=True):
        if key in PURPOSE_PIECES:
            purpose.append(piece)
        else:
            pieces[key] = pieces.get(key, "") + piece
    marked = _marked(purpose)
    iban = "".join((marked.get("IBAN") or pieces.get("31", "")).split()).upper()
    return Details(
        code=code,
        posting_text=pieces.get("00", ""),
        counterparty=marked.get("ABWA") or _name(pieces.get("32", ""), pieces.get("33", "")),
        iban=iban if IBAN.fullmatch(iban) else "",
        purpose=marked.get("SVWZ") or marked.get("", ""),
        end_to_end_id=marked.get("EREF", "").replace("\n", ""),
        mandate=marked.get("MREF", "").replace("\n", ""),
    )


def _name(first: str, second: str) -> str:
    """The name out of its two pieces: only a full first piece is torn inside a word."""
    return first + second if len(first) >= PIECE_LENGTH else f"{first} {second}"


def _marked(purpose: list[str]) -> dict[str, str]:
    """The purpose's pieces by their SEPA keyword (EREF+, SVWZ+ …); what stands before the first has none."""
    found: dict[str, list[str]] = {}
    keyword = ""
    for piece in purpose:
        start = KEYWORD.match(piece)
        if start:
            keyword = start.group(1)
        found.setdefault(keyword, []).append(piece[start.end() :] if start else piece)
    return {keyword: "\n".join(pieces) for keyword, pieces in found.items()}


def _money(amount: Amount, currency: str) -> Money:
    value = amount.amount
    if not value.is_finite() or not CURRENCY.fullmatch(currency):
        raise refused("ein Betrag des MT940-Auszugs ist nicht lesbar", "amount")
    return Money(value, currency)


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)
