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


def names_agree(one: str, other: str) -> bool:
    """Whether two names may mean the same party: one holds all words of the other, and at least two or the only one.

    A last word cut off by the bank counts if three letters are left.
    """
    first, second = sorted((words_of(one), words_of(other)), key=len)
    if not first or not all(_among(word, second) for word in first):
        return False
    return len(first) > 1 or len(second) == 1


def _among(word: str, words: frozenset[str]) -> bool:
    return any(
        word == each or (min(len(word), len(each)) >= SHORTEST_CUT and each.startswith(word) and len(word) > 5)
        for each in words
    )
