"""Text of bank lines cut into runs of letters and runs of digits, and what may stand between and around them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing.names import folded

INVOICE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "BELEG BELEGE BELEGNR FAKTURA INV INVOICE RE RECH RECHN RECHNR RECHNUNG RECHNUNGEN RECHNUNGNR RECHNUNGSNR"
        " RECHNUNGSNUMMER RECHNUNGSNUMMERN RENR RG RGNR RNR",
    )
)
CUSTOMER_WORDS = frozenset(
    re.findall(
        r"\w+",
        "DEBITOR DEBITORENNUMMER KD KDNR KDNUMMER KNR KUNDE KUNDEN KUNDENNR KUNDENNUMMER",
    )
)
NUMBER_WORDS = frozenset({"NO", "NR", "NUMMER", "NUMMERN"})
PATTERN = re.compile(r"[^\W\d_]+|\d+")
BETWEEN_DIGITS = re.compile(r"[ \t\r\n]{0,2}[-–/_:#]?[ \t\r\n]{0,2}")
AFTER_LETTERS = re.compile(r"[ \t\r\n.:#]{0,3}[-–/_]?[ \t\r\n]{0,2}")
BREAK = re.compile(r"[ \t]?\r?\n?[ \t]?")
AMOUNT_OR_DATE = re.compile(
    r"\d{1,3}(?:\.\d{3})+,\d{2}(?!\d)|\d+[,.]\d{2}(?![\d.])|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?(?!\d)"
    r"|\d{4}-\d{2}-\d{2}(?!\d)|\d{1,2}/\d{1,2}/\d{2,4}(?!\d)|\d+,-"
)
LONGEST_AMOUNT = 14


@dataclass(frozen=True, slots=True)
class Run:
    """A run of letters or digits: its folded text, where it stands, and what separates it from the run before."""

    text: str
    start: int
    end: int
    gap: str

    @property
    def is_digits(self) -> bool:
        """Whether this is a run of digits."""
        return self.text.isdigit()


def runs_of(text: str, prefixes: frozenset[str] = frozenset()) -> list[Run]:
    """Cut a text into runs; one of `prefixes` glued to a word such as Rechnung becomes a run of its own."""
    runs: list[Run] = []
    after = 0
    for match in PATTERN.finditer(text):
        word, gap = folded(match.group()), text[after : match.start()]
        prefix = next((each for each in prefixes if _is_glued(word, each)), "")
        if prefix:
            cut = match.end() - len(prefix)
            runs.append(Run(word[: -len(prefix)], match.start(), cut, gap))
            runs.append(Run(prefix, cut, match.end(), " "))
        else:
            runs.append(Run(word, match.start(), match.end(), gap))
        after = match.end()
    return runs


def _is_glued(word: str, prefix: str) -> bool:
    return word.endswith(prefix) and word[: -len(prefix)] in INVOICE_WORDS and word not in INVOICE_WORDS


def is_introduced(runs: Sequence[Run], place: int, words: frozenset[str] = INVOICE_WORDS) -> bool:
    """Whether one of `words` stands before a run, with or without a "Nr." between them."""
    place -= 1
    while place >= 0 and runs[place].text in NUMBER_WORDS:
        place -= 1
    return place >= 0 and runs[place].text in words


def may_join(before: Run, run: Run) -> bool:
    """Whether two neighbouring runs may belong to one number, judged by what stands between them."""
    pattern = BETWEEN_DIGITS if before.is_digits else AFTER_LETTERS
    return pattern.fullmatch(run.gap) is not None


def begins_well(runs: Sequence[Run], first: int) -> bool:
    """Whether a number may begin here: nothing is glued to its front but a word that introduces it."""
    if not first:
        return True
    gap, before = runs[first].gap, runs[first - 1].text
    if before in INVOICE_WORDS | NUMBER_WORDS:
        return True
    if gap in {"-", "_", "–", "."} or not gap:
        return False
    return not (gap == "/" and runs[first - 1].is_digits and runs[first].is_digits)


def stands_in_amount_or_date(text: str, run: Run) -> bool:
    """Whether a run of digits belongs to something written like an amount or a date."""
    if not run.is_digits:
        return False
    start = max(0, run.start - LONGEST_AMOUNT)
    return any(
        start + match.start() <= run.start and run.end <= start + match.end()
        for match in AMOUNT_OR_DATE.finditer(text[start : run.end + LONGEST_AMOUNT])
        if _stands_alone(text, start + match.start(), start + match.end())
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not before.isalnum() and before not in {"-", "/", "_"} and not after.isdigit()


def mended(text: str) -> str:
    """O read as 0, I and l as 1, wherever they touch a digit."""
    before = ""
    while before != text:
        before = text
        text = re.sub(r"(?<=\d)[oO]|[oO](?=\d)", "0", text)
        text = re.sub(r"(?<=\d)[Il|]|[Il|](?=\d)", "1", text)
    return text


def references_in(text: str) -> Iterator[str]:
    """What stands between blanks and could be a structured reference (ISO 11649), also in groups of four."""
    words = text.upper().split()
    for place, word in enumerate(words):
        if re.match(r"RF\d\d", word):
            yield from ("".join(words[place:after]) for after in range(place + 1, min(place + 7, len(words)) + 1))


def creditor_reference(number: str) -> str:
    """The structured creditor reference of an invoice number (ISO 11649): RF, two check digits, up to 21 characters.

    Empty if the number does not fit.
    """
    body = "".join(sign for sign in number.upper() if sign.isalnum())
    if not body or len(body) > 21 or not body.isascii():
        return ""
    check = 98 - int("".join(str(int(sign, 36)) for sign in f"{body}RF00")) % 97
    return f"RF{check:02d}{body}"


def compact(text: str) -> str:
    """Letters and digits only, folded."""
    return "".join(PATTERN.findall(folded(text)))
