"""What a customer's answer claims, in German or English: paid, disputed, promised. A proposal for a person, no more."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Claim(StrEnum):
    """What the answer seems to say."""

    PAID = "paid"
    DISPUTE = "dispute"
    PROMISE = "promise"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Answer:
    """The claim with the sentence that makes it, the day on which payment is promised, and an amount in euro."""

    claim: Claim
    sentence: str = ""
    day: date | None = None
    amount: Decimal | None = None


_QUOTE = re.compile(
    r"^\s*(>|-{2,} ?(Urspr|Original|Weitergel|Forwarded)|_{10,}|Am .{5,120} schrieb|On .{5,120} wrote|"
    r"Von: .+@|From: .+@|Gesendet: |Sent: )",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^-- ?$")
# A point ends a sentence only before a space and a capital letter: 05.12. and Nr. do not.
_SENTENCES = re.compile(r"(?<=[!?])\s+|(?<=[^\W\d]{3}[.])\s+|\n\s*\n")

_DISPUTE = re.compile(
    r"\b(widerspre|widerspruch|reklam|bestreit|strittig|beanstand|mangel\b|mängel|mangelhaft|fehlerhaft|schadhaft|"
    r"stimmt (so )?nicht|stimmen (so )?nicht|nicht (einverstanden|korrekt|richtig|bestellt|beauftragt|erbracht|"
    r"ausgeführt|fertig|vollständig|vereinbart|nachvollzieh)|"
    r"(rechnung|betrag|position|summe)\b.{0,40}\b(falsch|zu hoch)|"
    r"unvollständig|nie (bestellt|beauftragt)|doppelt berechnet|minder|zurückbehalt|"
    r"dispute|incorrect|overcharged|defect|not (agree|correct|as agreed|delivered|finished|ordered)|never ordered|"
    r"do not accept|don't accept|faulty|wrong (amount|invoice))",
    re.IGNORECASE,
)
_PAY = r"(überw(eis|ies)|bezahl|zahl(e|en|ung)\b|beglich|begleich|angewiesen|anweis|transfer|pay\b|paid|settle)"
_FUTURE = re.compile(
    rf"\b(werde|werden|wird|erfolgt|veranlass|möchte|können wir|würde|will|shall|going to|plan to)\b.{{0,80}}{_PAY}"
    rf"|{_PAY}.{{0,60}}\b(werde|werden|wird|erfolgt|will)\b"
    r"|\b(ich|wir) (zahle|zahlen|überweise|überweisen|begleiche|begleichen)\b|\b(zahle|überweise|begleiche) ich\b"
    r"|\b(zahlen|überweisen|begleichen) wir\b|\braten|\binstal(l)?ment|\baufschub|\bstund(en|ung)",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(überwiesen|bezahlt|beglichen|angewiesen|gezahlt|eingezahlt|zahlung (ist )?(raus|erfolgt|ausgeführt)|"
    r"(have|has|was|were|been|already) (\w+ )?(paid|transferred|settled)|paid (it|this|the invoice)|"
    r"payment (was|has been) (made|sent))\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(nicht|noch nicht|kein|keine|nie|not|never|haven't|hasn't|cannot|can't|unable)\b", re.IGNORECASE)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jan jänner", "februar february feb", "märz march maerz mrz mar", "april apr", "mai may",
            "juni june jun", "juli july jul", "august aug", "september sept sep", "oktober october okt oct",
            "november nov", "dezember december dez dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NUMERIC = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2})\b)?")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_NAMED = re.compile(r"\b(\d{1,2})(?:\.|st|nd|rd|th)?\s+(?:of\s+)?([A-Za-zä]{3,9})\.?(?:\s+(\d{4}))?", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"\b([A-Za-zä]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4}))?", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?:€|EUR)\s?(\d{1,3}(?:[.,]\d{3})*[.,]\d{2}|\d{1,9})|(\d{1,3}(?:[.,]\d{3})*[.,]\d{2}|\d{1,9})\s?(?:€|EUR|Euro)",
    re.IGNORECASE,
)
_LONGEST = 20_000


def read_answer(text: str, today: date) -> Answer:
    """What the answer claims; a dispute outweighs a promise, a promise a payment, since each asks for more care."""
    sentences = [part.strip() for part in _SENTENCES.split(own_words(text)) if part.strip()]
    for claim, makes in ((Claim.DISPUTE, _disputes), (Claim.PROMISE, _promises), (Claim.PAID, _says_paid)):
        for sentence in sentences:
            if makes(sentence):
                return Answer(claim, _short(sentence), _day(sentence, claim, today), amount_in(sentence))
    return Answer(Claim.NOTHING, _short(sentences[0]) if sentences else "")


def own_words(text: str) -> str:
    """What the sender wrote himself: without what he quotes and without his signature."""
    kept: list[str] = []
    for line in text[:_LONGEST].replace("\r\n", "\n").split("\n"):
        if _QUOTE.match(line) and not line.lstrip().startswith(">"):
            break
        if _SIGNATURE.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.strip())
    return "\n".join(kept).strip()


def day_in(text: str, today: date) -> date | None:
    """The first day that a text names, from today on; without a year the next one that fits."""
    for year, month, day in _dates(text):
        found = _valid(year or today.year, month, day)
        if found and year is None and found < today:
            found = _valid(today.year + 1, month, day)
        if found and today <= found <= today + timedelta(366):
            return found
    return _relative_day(text.lower(), today)


def amount_in(text: str) -> Decimal | None:
    """The first amount in euro that a text names."""
    found = _AMOUNT.search(text)
    if found is None:
        return None
    digits = found[1] or found[2]
    whole, cents = (digits[:-3], digits[-2:]) if len(digits) > 3 and digits[-3] in ".," else (digits, "00")
    return Decimal(f"{whole.replace('.', '').replace(',', '')}.{cents}")


def _disputes(sentence: str) -> bool:
    return _DISPUTE.search(sentence) is not None


def _promises(sentence: str) -> bool:
    return _FUTURE.search(sentence) is not None and not _says_paid(sentence)


def _says_paid(sentence: str) -> bool:
    future = re.search(r"\b(werde|werden|wird|will)\b", sentence, re.IGNORECASE)
    return _DONE.search(sentence) is not None and not _NOT.search(sentence) and not future


def _day(sentence: str, claim: Claim, today: date) -> date | None:
    return day_in(sentence, today) if claim is Claim.PROMISE else None


def _dates(text: str) -> list[tuple[int | None, int, int]]:
    found: list[tuple[int, int | None, int, int]] = []
    for hit in _ISO.finditer(text):
        found.append((hit.start(), int(hit[1]), int(hit[2]), int(hit[3])))
    for hit in _NUMERIC.finditer(text):
        year = int(hit[3]) + (2000 if len(hit[3]) == 2 else 0) if hit[3] else None
        found.append((hit.start(), year, int(hit[2]), int(hit[1])))
    for pattern, name, day in ((_NAMED, 2, 1), (_MONTH_FIRST, 1, 2)):
        for hit in pattern.finditer(text):
            if month := _MONTHS.get(hit[name].lower()):
                found.append((hit.start(), int(hit[3]) if hit[3] else None, month, int(hit[day])))
    return [(year, month, day) for _, year, month, day in sorted(found, key=lambda each: each[0])]


def _relative_day(text: str, today: date) -> date | None:
    if re.search(r"\bheute\b|\btoday\b", text):
        return today
    if re.search(r"\bmorgen\b|\btomorrow\b", text):
        return today + timedelta(1)
    if re.search(r"ende (der|dieser) woche|diese woche|this week|end of the week", text):
        return today + timedelta((4 - today.weekday()) % 7)
    if re.search(r"nächste(r|n)? woche|kommende(r|n)? woche|next week", text):
        return today + timedelta(11 - today.weekday())
    if re.search(r"monatsende|ende (des|dieses) monats|end of the month", text):
        first = (today.replace(day=1) + timedelta(32)).replace(day=1)
        return first - timedelta(1)
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _short(sentence: str) -> str:
    plain = " ".join(sentence.split())
    return plain if len(plain) <= 200 else f"{plain[:199]}…"
