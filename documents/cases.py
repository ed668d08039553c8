"""Every kind of document with made-up data: for previews, the gallery and tests."""

from documents.case import Case
from documents.invoice_cases import CHANGES, INVOICES
from documents.notice_cases import NOTICES
from documents.samples import samples

_SAMPLES = (
    ("verbraucher", "Rechnung an Verbraucher", "Hinweis nach § 286 Abs. 3 BGB, Überschriften, Beschreibungen."),
    ("skonto-rabatt", "Skonto und Rabatt", "Nachlass auf die ganze Rechnung, Skonto in Worten und im XML."),
    ("bruttopreise", "Bruttopreise", "Die Umsatzsteuer ist enthalten und wird ausgewiesen."),
    ("steuersaetze", "Gemischte Steuersätze", "19 und 7 %, Rabatt in der Zeile und auf das Ganze."),
    ("bauleistung", "Bauleistung nach § 13b", "Der Kunde schuldet die Steuer; kein Ausweis."),
    ("kleinunternehmer", "Kleinunternehmer", "§ 19 UStG, ohne USt-IdNr."),
    ("eu-lieferung", "Lieferung in die EU", "Steuerfrei, beide USt-IdNrn. auf dem Papier."),
    ("zwei-seiten", "Zwei Seiten", "Raumweise gegliedert; Überschriften bleiben bei ihren Zeilen."),
    ("lange-texte", "Lange Texte", "Langer Name, lange Bezeichnungen, griechische Buchstaben."),
    ("photovoltaik", "Photovoltaik", "0 % nach § 12 Abs. 3 UStG neben 19 %."),
)


def cases() -> dict[str, Case]:
    """Every case by name; the names are stable and used for files."""
    found = [Case(name, title, about, *samples()[name]) for name, title, about in _SAMPLES]
    found += [make() for make in (*INVOICES, *CHANGES, *NOTICES)]
    return {case.name: case for case in found}
