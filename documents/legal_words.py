"""The words of the notes that the law wants on an invoice, by language; on paper and in the XML they are the same."""

from billing.invoices import Draft
from billing.legal_notes import LegalNote, NoteKind, legal_notes
from billing.parties import Seller
from documents.german import one_line
from documents.languages import LANGUAGES

# § 14a (5) UStG prescribes the words of REVERSE_CHARGE; the others are in general use.
GERMAN = {
    NoteKind.SMALL_BUSINESS: "Kein Ausweis von Umsatzsteuer, da Kleinunternehmer gemäß § 19 UStG",
    NoteKind.REVERSE_CHARGE: "Steuerschuldnerschaft des Leistungsempfängers",
    NoteKind.INTRA_COMMUNITY: "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b UStG)",
    NoteKind.EXPORT: "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a UStG)",
    NoteKind.EXEMPT: "{text}",
    NoteKind.ZERO_RATE: "Steuersatz 0 % gemäß § 12 Abs. 3 UStG",
    NoteKind.KEEP_TWO_YEARS: (
        "Sie sind verpflichtet, diese Rechnung zwei Jahre lang aufzubewahren (§ 14b Abs. 1 Satz 5 UStG)."
    ),
    NoteKind.DEFAULT_AFTER_30_DAYS: (
        "Sie kommen spätestens in Verzug, wenn Sie nicht innerhalb von 30 Tagen nach Fälligkeit und Zugang dieser"
        " Rechnung zahlen (§ 286 Abs. 3 BGB)."
    ),
    NoteKind.WITHHOLDING_EXEMPTION: (
        "Freistellungsbescheinigung zum Steuerabzug bei Bauleistungen gemäß § 48b EStG: Nr. {text}, gültig bis {day}."
    ),
    NoteKind.LABOUR_SHARE: "Im Rechnungsbetrag enthaltene Lohn-, Maschinen- und Fahrtkosten: {amount} (brutto).",
}
# The German terms stay beside the English ones: German law prescribes them.
ENGLISH = {
    NoteKind.SMALL_BUSINESS: "No VAT shown, small business under § 19 UStG (Kleinunternehmer)",
    NoteKind.REVERSE_CHARGE: "Steuerschuldnerschaft des Leistungsempfängers (reverse charge)",
    NoteKind.INTRA_COMMUNITY: "VAT-exempt intra-Community supply (§ 4 no. 1 b UStG)",
    NoteKind.EXPORT: "VAT-exempt export (§ 4 no. 1 a UStG)",
    NoteKind.EXEMPT: "{text}",
    NoteKind.ZERO_RATE: "VAT rate 0 % under § 12 (3) UStG",
    NoteKind.KEEP_TWO_YEARS: "You are obliged to keep this invoice for two years (§ 14b (1) s. 5 UStG).",
    NoteKind.DEFAULT_AFTER_30_DAYS: (
        "You are in default at the latest if you do not pay within 30 days after this invoice is due and received"
        " (§ 286 (3) BGB)."
    ),
    NoteKind.WITHHOLDING_EXEMPTION: (
        "Certificate of exemption from tax withholding on construction work (§ 48b EStG): no. {text}, valid until"
        " {day}."
    ),
    NoteKind.LABOUR_SHARE: "Labour, machine and travel cost contained in the total: {amount} (gross).",
}
WORDS = {"de": GERMAN, "en": ENGLISH}
_NO_EXEMPTION = "Umsatzsteuerfrei nach § 4 UStG"


def sentence(note: LegalNote, language: str = "de") -> str:
    """A note in words; a language that is not known gets the German ones, which the law wants."""
    code = language if language in WORDS else "de"
    text = one_line(note.text) or (_NO_EXEMPTION if note.kind is NoteKind.EXEMPT else "")
    return WORDS[code][note.kind].format(
        text=text,
        day=LANGUAGES[code].day(note.day) if note.day else "",
        amount=LANGUAGES[code].amount(note.amount) if note.amount is not None else "",
    )


def sentences(draft: Draft, seller: Seller, language: str = "de") -> tuple[str, ...]:
    """All notes of a document in words, the tax note first."""
    return tuple(sentence(note, language) for note in legal_notes(draft, seller))
