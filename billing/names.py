"""Comparing names as people and banks write them: case, umlauts, order, titles and legal forms do not matter."""

import re
import unicodedata

FOLDED = {"Ä": "A", "Ö": "O", "Ü": "U", "ß": "SS", "AE": "A", "OE": "O", "UE": "U"}
WITHOUT_MEANING = frozenset(
    re.findall(
        r"\w+",
        "AG CO DR E EG EK EV FA FAM FAMILIE FIRMA FRAU GBR GMBH GMBHCO HAFTUNGSBESCHRANKT HERR HERRN INH KG KGAA K"
        " MBH OHG PROF SE U UG UND V",
    )
)
SHORTEST_CUT = 3
CUT_LENGTHS = frozenset({27, 35, 70})


def folded(text: str) -> str:
    """Capitals without accents; ä, ae and a are one letter, as banks print all three."""
    text = unicodedata.normalize("NFC", text).replace("ß", "ss").upper()
    for written, plain in FOLDED.items():
        text = text.replace(written, plain)
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def words_of(name: str) -> frozenset[str]:
    """The words that make a name, without titles and legal forms."""
    words = frozenset(re.findall(r"[A-Z0-9]+", folded(name)))
    return words - WITHOUT_MEANING or words


def names_agree(holder: str, customer: str) -> bool:
    """Whether an account holder's name may mean the customer: one has all words of the other, two at least.

    A name of a single word must be the other's only one. Banks cut names to 27, 35 or 70 characters; of such a name
    the last word may be the beginning of one.
    """
    first, second = words_of(holder), words_of(customer)
    if len(holder) in CUT_LENGTHS:
        first = _completed(first, folded(holder), second)
    fewer, more = sorted((first, second), key=len)
    return bool(fewer) and fewer <= more and (len(fewer) > 1 or len(more) == 1)


def _completed(words: frozenset[str], holder: str, known: frozenset[str]) -> frozenset[str]:
    last = re.findall(r"[A-Z0-9]+", holder)[-1:]
    whole = [each for each in known if last and len(last[0]) >= SHORTEST_CUT and each.startswith(last[0])]
    return words - {*last} | {whole[0]} if len(whole) == 1 else words
