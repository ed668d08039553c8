"""Comparing names as people and banks write them: case, umlauts, order, titles and legal forms do not matter."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping

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


class NameIndex:
    """Customers by name, prepared for many look-ups: the time depends on how rare a name is, not on all customers."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._by_rarest: dict[str, set[str]] = defaultdict(set)
        for customer, name in names.items():
            for word in words_of(name):
                self._by_word[word].add(customer)
        for customer, name in names.items():
            rarest = min(words_of(name), key=lambda word: len(self._by_word[word]), default="")
            self._by_rarest[rarest].add(customer)

    def find(self, holder: str) -> frozenset[str]:
        """The customers whose name agrees with the account holder's."""
        words = words_of(holder)
        # Either all words of the customer are the holder's, his rarest among them, or all the holder's are his.
        likely = {customer for word in words for customer in self._by_rarest.get(word, ())}
        shared = [self._by_word.get(word, set()) for word in words]
        if len(holder) in CUT_LENGTHS:
            shared = [customers for customers in shared if customers]
        if shared:
            likely |= set.intersection(*sorted(shared, key=len))
        return frozenset(customer for customer in likely if names_agree(holder, self._names[customer]))


def _completed(words: frozenset[str], holder: str, known: frozenset[str]) -> frozenset[str]:
    last = re.findall(r"[A-Z0-9]+", holder)[-1:]
    whole = [each for each in known if last and len(last[0]) >= SHORTEST_CUT and each.startswith(last[0])]
    return words - {*last} | {whole[0]} if len(whole) == 1 else words
