"""The national rules of XRechnung 3.0 (KoSIT, rule files of August 2026) over CII and UBL, in German words.

No package carries the official rule files for use at run time, so the fatal rules are written here, one table for both
syntaxes; the official files are run against the same documents where they are installed (tests).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree
from stdnum import iban

from billing.leitweg import is_leitweg_id, looks_like_leitweg_id
from documents.einvoice_facts import PROCESS, XRECHNUNG
from documents.einvoice_reading import NAMESPACES, root_name
from documents.errors import InvalidEInvoice
from documents.xrechnung_paths import PATHS

TYPE_CODES = frozenset({"326", "380", "381", "384", "386", "389", "875", "876", "877"})
TAXED = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
TRANSFER, CARD, DEBIT = frozenset({"30", "58"}), frozenset({"48", "54", "55"}), frozenset({"59"})
SKONTO = re.compile(r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#")
_MAIL = re.compile(r"[^\s@]*[^\s@.]@[^\s@.][^\s@]*")


class Reader:
    """An e-invoice by the terms of EN 16931, whatever its syntax; texts are stripped."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._paths = PATHS["CrossIndustryInvoice" if root_name(root) == "CrossIndustryInvoice" else "Invoice"]

    def all(self, term: str) -> list[str]:
        """Every value of a term or group such as "BT-10"."""
        found = self._root.xpath(self._paths[term], namespaces=NAMESPACES)
        items = found if isinstance(found, list) else []
        return [_text(item) for item in items if isinstance(item, etree._Element | str)]

    def first(self, term: str) -> str:
        """The first value, empty without one."""
        return next(iter(self.all(term)), "")

    def has(self, term: str) -> bool:
        """Whether there is any value that is not empty."""
        return any(self.all(term))

    def count(self, term: str) -> int:
        """How many there are, empty ones included."""
        return len(self.all(term))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `holds` says whether the document keeps it, `words` what is missing or wrong."""

    name: str
    words: str
    holds: Callable[[Reader], bool]


def check_xrechnung(root: etree._Element) -> None:
    """Raise `InvalidEInvoice` naming the first fatal rule of XRechnung that the document breaks."""
    for rule in broken_rules(root):
        raise InvalidEInvoice(rule.name, f"{rule.words} Bitte ergänzen oder berichtigen.")


def broken_rules(root: etree._Element) -> tuple[Rule, ...]:
    """Every fatal rule that the document breaks."""
    reader = Reader(root)
    return tuple(rule for rule in RULES if not rule.holds(reader))


def _text(item: etree._Element | str) -> str:
    if isinstance(item, str):
        return item.strip()
    # A group such as BG-6 counts as there when it stands in the document.
    return "".join(item.itertext()).strip() if len(item) == 0 else "there"


def _needs(term: str) -> Callable[[Reader], bool]:
    return lambda reader: reader.has(term)


def _needs_if(group: str, term: str) -> Callable[[Reader], bool]:
    return lambda reader: reader.count(group) == 0 or reader.has(term)


def _skonto(reader: Reader) -> bool:
    """BR-DE-18: every line that begins with # is a Skonto step; after the last one the line ends."""
    for terms in reader.all("BT-20"):
        lines = terms.split("\n")
        steps = [at for at, line in enumerate(lines) if "#" in line]
        if any(not SKONTO.fullmatch(lines[at]) for at in steps):
            return False
        if steps and steps[-1] == len(lines) - 1:
            return False
    return True


def _means(codes: frozenset[str], wanted: str, *forbidden: str) -> Callable[[Reader], bool]:
    """With one of these payment means, its group is there and no other (BR-DE-23, -24, -25)."""

    def holds(reader: Reader) -> bool:
        if not codes & set(reader.all("BT-81")):
            return True
        return reader.has(wanted) and not any(reader.has(group) for group in forbidden)

    return holds


def _iban(means: frozenset[str], term: str) -> Callable[[Reader], bool]:
    def holds(reader: Reader) -> bool:
        return not means & set(reader.all("BT-81")) or all(iban.is_valid(number) for number in reader.all(term))

    return holds


def _debit(term: str) -> Callable[[Reader], bool]:
    return lambda reader: not any(reader.has(each) for each in ("BT-89", "BT-90", "BT-91")) or reader.has(term)


def _seller_tax_id(reader: Reader) -> bool:
    codes = {code for term in ("BT-95", "BT-151") for code in reader.all(term)}
    return not codes & TAXED or reader.has("BT-31") or reader.has("BT-32")


def _names_unique(reader: Reader) -> bool:
    names = reader.all("BT-125")
    return len(set(names)) == len(names)


def _buyer_reference(reader: Reader) -> bool:
    """A reference in the form of a Leitweg-ID has right check digits; others are the customer's business."""
    text = reader.first("BT-10")
    return not looks_like_leitweg_id(text) or is_leitweg_id(text)


RULES = (
    Rule("BR-DE-21", "Die Kennung des Standards (BT-24) ist nicht die von XRechnung 3.0.",
         lambda reader: reader.first("BT-24") == XRECHNUNG),
    Rule("PEPPOL-EN16931-R001", "Die Kennung des Geschäftsprozesses (BT-23) fehlt.",
         lambda reader: reader.first("BT-23") == PROCESS),
    Rule("BR-DE-1", "Die Zahlungsangaben (BG-16) fehlen.", _needs("BG-16")),
    Rule("BR-DE-2", "Der Ansprechpartner des Rechnungsstellers (BG-6) fehlt.", _needs("BG-6")),
    Rule("BR-DE-3", "Der Ort des Rechnungsstellers (BT-37) fehlt.", _needs("BT-37")),
    Rule("BR-DE-4", "Die Postleitzahl des Rechnungsstellers (BT-38) fehlt.", _needs("BT-38")),
    Rule("BR-DE-5", "Der Name des Ansprechpartners (BT-41) fehlt.", _needs("BT-41")),
    Rule("BR-DE-6", "Die Telefonnummer des Ansprechpartners (BT-42) fehlt.", _needs("BT-42")),
    Rule("BR-DE-7", "Die E-Mail-Adresse des Ansprechpartners (BT-43) fehlt.", _needs("BT-43")),
    Rule("BR-DE-8", "Der Ort des Kunden (BT-52) fehlt.", _needs("BT-52")),
    Rule("BR-DE-9", "Die Postleitzahl des Kunden (BT-53) fehlt.", _needs("BT-53")),
    Rule("BR-DE-10", "Der Lieferort (BT-77) fehlt.", _needs_if("BG-15", "BT-77")),
    Rule("BR-DE-11", "Die Postleitzahl des Lieferorts (BT-78) fehlt.", _needs_if("BG-15", "BT-78")),
    Rule("BR-DE-14", "In der Steueraufschlüsselung fehlt ein Steuersatz (BT-119).",
         lambda reader: reader.count("BG-23") == len([rate for rate in reader.all("BT-119") if rate])),
    Rule("BR-DE-15", "Die Leitweg-ID oder Referenz des Kunden (BT-10) fehlt.", _needs("BT-10")),
    Rule("Leitweg-ID", "Die Prüfziffer der Leitweg-ID (BT-10) stimmt nicht.", _buyer_reference),
    Rule("BR-DE-16", "USt-IdNr. oder Steuernummer des Rechnungsstellers fehlt.", _seller_tax_id),
    Rule("BR-DE-17", "Die Rechnungsart (BT-3) ist nicht zugelassen.",
         lambda reader: reader.first("BT-3") in TYPE_CODES),
    Rule("BR-DE-18", "Die Skontoangabe (BT-20) hat nicht die vorgeschriebene Form.", _skonto),
    Rule("BR-DE-19", "Die IBAN des Zahlungskontos (BT-84) ist ungültig.", _iban(frozenset({"58"}), "BT-84")),
    Rule("BR-DE-20", "Die IBAN des belasteten Kontos (BT-91) ist ungültig.", _iban(DEBIT, "BT-91")),
    Rule("BR-DE-22", "Zwei Anlagen haben denselben Dateinamen (BT-125).", _names_unique),
    Rule("BR-DE-23", "Zur Überweisung gehört genau die Kontoangabe (BG-17).",
         _means(TRANSFER, "BG-17", "BG-18", "BG-19")),
    Rule("BR-DE-24", "Zur Kartenzahlung gehört genau die Kartenangabe (BG-18).",
         _means(CARD, "BG-18", "BG-17", "BG-19")),
    Rule("BR-DE-25", "Zur Lastschrift gehört genau das Mandat (BG-19).", _means(DEBIT, "BG-19", "BG-17", "BG-18")),
    Rule("BR-DE-26", "Eine Rechnungskorrektur nennt die vorausgegangene Rechnung (BG-3) nicht.",
         lambda reader: reader.first("BT-3") != "384" or reader.has("BG-3")),
    Rule("BR-DE-27", "Die Telefonnummer (BT-42) hat weniger als drei Ziffern.",
         lambda reader: sum(sign.isdecimal() for sign in reader.first("BT-42")) >= 3),
    Rule("BR-DE-28", "Die E-Mail-Adresse des Ansprechpartners (BT-43) ist ungültig.",
         lambda reader: _MAIL.fullmatch(reader.first("BT-43")) is not None),
    Rule("BR-DE-29", "Zur Lastschrift fehlt die Mandatsreferenz (BT-89).", _debit("BT-89")),
    Rule("BR-DE-30", "Zur Lastschrift fehlt die Gläubiger-ID (BT-90).", _debit("BT-90")),
    Rule("BR-DE-31", "Zur Lastschrift fehlt das belastete Konto (BT-91).", _debit("BT-91")),
    Rule("BR-DE-TMP-32", "Leistungsdatum oder Leistungszeitraum (BT-72, BG-14) fehlt.",
         lambda reader: reader.has("BT-72") or reader.has("BG-14")),
    Rule("PEPPOL-EN16931-R010", "Die elektronische Adresse des Kunden (BT-49) fehlt.", _needs("BT-49")),
    Rule("PEPPOL-EN16931-R020", "Die elektronische Adresse des Rechnungsstellers (BT-34) fehlt.", _needs("BT-34")),
)  # fmt: skip
