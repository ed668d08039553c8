"""The German words of the notes that the law wants, as the electronic invoice says them; templates have their own."""

from billing.legal_notes import LegalNote, NoteKind
from documents import german
from documents.german import one_line

# § 14a (5) UStG prescribes the words of REVERSE_CHARGE; the others are in general use.
WORDS = {
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
_NO_EXEMPTION = "Umsatzsteuerfrei nach § 4 UStG"


def sentence(note: LegalNote) -> str:
    """A note in words."""
    return WORDS[note.kind].format(
        text=one_line(note.text) or (_NO_EXEMPTION if note.kind is NoteKind.EXEMPT else ""),
        day=german.day(note.day) if note.day else "",
        amount=german.amount(note.amount) if note.amount is not None else "",
    )
