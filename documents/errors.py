"""Why a document cannot be made.

DocumentError
├── MissingGlyph       a text holds a character that the document's fonts do not have
├── UnusableLook       the client's logo or colour cannot be used
├── BrokenTemplate     a template cannot be filled in
├── ForbiddenAsset     a template asks for a file or address outside of the project's assets
├── TooManyPages       the document is longer than anybody would post
├── TooLarge           texts or lines are more than a document may hold, refused before the layout
├── TooSlow            a client's own template takes longer than a document may take
├── AddressTooLong     the recipient does not fit into the window of the envelope
├── InvalidEInvoice    the XML breaks a rule of EN 16931 or of our own arithmetic
├── NothingToDemand    a notice would ask for what is not open, or for payment in the past
├── ForeignAccount     the document shows an account that nobody has confirmed
├── DeviatingPaper     the printed text does not show what the XML says
└── UnsafeMail         the mail is not exactly what was meant to be sent
"""


class DocumentError(ValueError):
    """The document cannot be made as it is; the message is German and meant for the owner."""


class MissingGlyph(DocumentError):
    """`field` holds `character`, for which the bundled fonts have no glyph."""

    def __init__(self, character: str, field: str) -> None:
        super().__init__(
            f"Das Zeichen „{character}“ (U+{ord(character):04X}) im Feld „{field}“ kann nicht gedruckt werden."
            " Bitte im Beleg durch ein anderes ersetzen."
        )
        self.character = character
        self.field = field


class UnusableLook(DocumentError):
    """The client's logo, colour or template folder cannot be used; the message says what to change."""


class BrokenTemplate(DocumentError):
    """The template `name` is missing, has a mistake, asks for an unknown value or tries what the sandbox forbids."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Die Vorlage {name} lässt sich nicht füllen: {reason}.")
        self.name = name


class ForbiddenAsset(DocumentError):
    """A template asks for `url`, which is none of the bundled files."""

    def __init__(self, url: str) -> None:
        super().__init__(f"Die Vorlage verlangt {url!r}; erlaubt sind nur mitgelieferte Dateien.")
        self.url = url


class TooManyPages(DocumentError):
    """The document has more pages than `limit`."""

    def __init__(self, pages: int, limit: int) -> None:
        super().__init__(f"Das Dokument hat {pages} Seiten, erlaubt sind {limit}. Bitte den Auftrag aufteilen.")
        self.pages = pages
        self.limit = limit


class TooLarge(DocumentError):
    """The document holds `found` of `what` (German), more than `limit`."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(f"Das Dokument hat {found} {what}, erlaubt sind {limit}. Bitte den Auftrag aufteilen.")
        self.what = what
        self.found = found
        self.limit = limit


class TooSlow(DocumentError):
    """The client's own template did not come to an end within `seconds`; its process has been ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Die eigene Vorlage war nach {seconds:g} Sekunden nicht fertig. Bitte die Vorlage prüfen.")
        self.seconds = seconds


class AddressTooLong(DocumentError):
    """The recipient's `lines` do not fit into the address zone of DIN 5008, not even in small print."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__(f"Die Anschrift „{', '.join(lines)}“ passt nicht ins Fenster. Bitte kürzen.")
        self.lines = lines


class InvalidEInvoice(DocumentError):
    """The electronic invoice breaks `rule`: an EN 16931 rule such as "BR-CO-10", "XSD", or a paragraph of the law."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(f"{rule}: {message}")
        self.rule = rule
        self.message = message


class NothingToDemand(DocumentError):
    """A reminder or dunning notice would ask for what is not owed; the message says why."""


class DeviatingPaper(DocumentError):
    """The printed document lacks `what`, which the XML gives as `value` (XML leads; BMF 15.10.2024 Rn. 31)."""

    def __init__(self, what: str, value: str) -> None:
        super().__init__(f"{what} „{value}“ aus der E-Rechnung steht nicht im gedruckten Dokument. Vorlage prüfen.")
        self.what = what
        self.value = value


class ForeignAccount(DocumentError):
    """The document shows `iban`, which is neither the seller's confirmed account nor the one that is debited."""

    def __init__(self, iban: str) -> None:
        super().__init__(
            f"Auf dem Beleg steht die IBAN …{iban[-4:]}; bestätigt ist sie nicht."
            " Bitte Fußzeile, Texte und Vorlage prüfen (rechnungsbote account show)."
        )
        self.iban = iban


class UnsafeMail(DocumentError):
    """The mail would not be exactly what was approved; it must not be sent."""
