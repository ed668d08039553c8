"""Kinds of values that a client's file may hold: how each is written, checked and asked for."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field
from stdnum import bic, iban
from stdnum.de import stnr
from stdnum.eu import at_02, vat
from stdnum.exceptions import ValidationError as BadNumber

from billing.calendar import LAENDER
from billing.drafting import is_plain_mail_address
from config.wording import Expected, wrong

_NAME_BREAKERS = re.compile(r'["@<>\\,;]|=\?')
_WEBSITE = re.compile(r"(https?://)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[^\s]*)?")
_MANDATE = re.compile(r"[A-Za-z0-9+?/:().,' -]{1,35}")
_WEEKDAYS = ("mo", "di", "mi", "do", "fr")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{3,28}[0-9]")


def _clean(text: str) -> str:
    """Text without leading and trailing blanks; control and format characters would break headers and PDFs."""
    text = text.strip()
    if not text.isprintable():
        raise wrong("Der Text enthält Zeilenumbrüche oder unsichtbare Zeichen.", "Text in einer Zeile neu eintippen.")
    return text


def _header_name(text: str) -> str:
    """A name that is safe in a mail header: long or quoted names can add a recipient (reliability § 6)."""
    text = _clean(text)
    if len(text) > 60 or _NAME_BREAKERS.search(text):
        raise wrong(
            'Der Name steht im Kopf jeder Mail: höchstens 60 Zeichen, ohne " @ < > , ; und \\.',
            "Namen kürzen oder die Zeichen weglassen.",
        )
    return text


def _mail_address(text: str) -> str:
    if not is_plain_mail_address(text):
        raise wrong("Erwartet wird eine einzelne Mailadresse ohne Umlaute.", "zum Beispiel  buero@beispiel.de")
    return text


def _iban(text: str) -> str:
    try:
        return iban.validate(text)
    except BadNumber:
        raise wrong(
            "Die IBAN ist ungültig: Länge oder Prüfziffer stimmt nicht.", "IBAN vom Kontoauszug abschreiben."
        ) from None


def _bic(text: str) -> str:
    try:
        return bic.validate(text)
    except BadNumber:
        raise wrong(
            "Der BIC ist ungültig: 8 oder 11 Stellen.", "BIC vom Kontoauszug abschreiben oder weglassen."
        ) from None


def _vat_id(text: str) -> str:
    try:
        return vat.validate(text)
    except BadNumber:
        raise wrong(
            "Die USt-IdNr. ist ungültig: Länderkürzel, Länge oder Prüfziffer stimmt nicht.",
            "USt-IdNr. aus dem Bescheid des Bundeszentralamts für Steuern abschreiben, zum Beispiel  DE136695976",
        ) from None


def _tax_number(text: str) -> str:
    """A Steuernummer in the form of a Land or of the whole country; kept as written, since people compare it."""
    try:
        stnr.validate(text)
    except BadNumber:
        raise wrong(
            "Die Steuernummer ist ungültig: 10 oder 11 Ziffern wie auf dem Bescheid, oder 13 bundeseinheitlich.",
            "Steuernummer des Unternehmens vom Steuerbescheid abschreiben, zum Beispiel  181/815/08155",
        ) from None
    return text


def _creditor_id(text: str) -> str:
    try:
        return at_02.validate(text)
    except BadNumber:
        raise wrong(
            "Die Gläubiger-Identifikationsnummer ist ungültig: Länge oder Prüfziffer stimmt nicht.",
            "Nummer aus dem Schreiben der Bundesbank abschreiben, zum Beispiel  DE98ZZZ09999999999",
        ) from None


def _mandate(text: str) -> str:
    if not _MANDATE.fullmatch(text):
        raise wrong(
            "Eine Mandatsreferenz hat 1 bis 35 Zeichen: Buchstaben ohne Umlaute, Ziffern und + ? / : ( ) . , ' -",
            'zum Beispiel  mandate: "M-10307"',
        )
    return text


def _cron(text: str) -> str:
    if len(text.split()) != 5:
        raise wrong("Erwartet werden fünf Felder: Minute Stunde Tag Monat Wochentag.", 'zum Beispiel  "0 6 * * 1-5"')
    try:
        CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        raise wrong(
            "Der Zeitplan ist ungültig: Minute 0-59, Stunde 0-23, Tag 1-31, Monat 1-12, Wochentag 0-6 (0 = Sonntag).",
            'zum Beispiel  "*/5 * * * *"  (alle fünf Minuten)',
        ) from None
    return text


def _land(text: str) -> str:
    if text not in LAENDER:
        raise wrong(
            f"Erwartet wird das Kürzel eines Bundeslandes: {', '.join(sorted(LAENDER))}.",
            "zum Beispiel  land: BY",
        )
    return text


def _written_day(value: object) -> object:
    """Only text or a date is a day: pydantic would read the number 20261101 as seconds since 1970."""
    if isinstance(value, str | date):
        return value
    raise wrong("Erwartet wird ein Datum der Form 2026-11-01.")


def _weekday(value: object) -> object:
    """A weekday as people write it becomes its number; letters never leave on a weekend."""
    if value in range(5):
        return value
    if value not in _WEEKDAYS:
        raise wrong("Erwartet wird ein Wochentag: mo, di, mi, do oder fr.", "zum Beispiel  weekdays: [mo, di, do]")
    return _WEEKDAYS.index(str(value))


def _postcode(text: str) -> str:
    if not re.fullmatch(r"[0-9]{5}", text):
        raise wrong("Eine deutsche Postleitzahl hat fünf Ziffern.", 'zum Beispiel  postcode: "80331"')
    return text


def _website(text: str) -> str:
    if not _WEBSITE.fullmatch(text):
        raise wrong("Erwartet wird eine Adresse im Netz.", "zum Beispiel  www.beispiel.de")
    return text


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise wrong("Erwartet wird eine Telefonnummer.", "zum Beispiel  +49 89 1234567")
    return text


Text = Annotated[str, Field(max_length=200), AfterValidator(_clean), Expected("ein Text von höchstens 200 Zeichen")]
Required = Annotated[
    str,
    Field(min_length=1, max_length=200),
    AfterValidator(_clean),
    Expected("ein Text von 1 bis 200 Zeichen"),
]
HeaderName = Annotated[str, Field(min_length=1), AfterValidator(_header_name), Expected("ein Name")]
MailAddress = Annotated[str, AfterValidator(_mail_address), Expected("eine Mailadresse")]
Iban = Annotated[str, AfterValidator(_iban), Expected("eine IBAN")]
Bic = Annotated[str, AfterValidator(_bic), Expected("ein BIC mit 8 oder 11 Stellen")]
VatId = Annotated[str, AfterValidator(_vat_id), Expected("eine USt-IdNr.")]
CreditorId = Annotated[str, AfterValidator(_creditor_id), Expected("eine Gläubiger-Identifikationsnummer")]
Mandate = Annotated[str, AfterValidator(_mandate), Expected("eine Mandatsreferenz in Anführungszeichen")]
Reference = Annotated[
    str,
    Field(min_length=1, max_length=100),
    AfterValidator(_clean),
    Expected("eine Leitweg-ID oder Käuferreferenz von 1 bis 100 Zeichen"),
]
TaxNumber = Annotated[str, AfterValidator(_tax_number), Expected("eine Steuernummer")]
Cron = Annotated[str, AfterValidator(_cron), Expected("ein Zeitplan in cron-Schreibweise, in Anführungszeichen")]
Land = Annotated[str, AfterValidator(_land), Expected("das Kürzel eines Bundeslandes")]
Postcode = Annotated[str, AfterValidator(_postcode), Expected("eine Postleitzahl mit fünf Ziffern")]
Website = Annotated[str, AfterValidator(_website), Expected("eine Adresse im Netz")]
Phone = Annotated[str, AfterValidator(_phone), Expected("eine Telefonnummer in Anführungszeichen")]
CountryCode = Annotated[
    Literal["DE"], Expected("DE: Rechnungen nach anderem als deutschem Recht kann das Programm nicht schreiben")
]
Colour = Annotated[
    str, Field(pattern=r"^#[0-9A-Fa-f]{6}$"), Expected('eine Farbe der Form "#0b5d4e", in Anführungszeichen')
]
ClientName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{1,30}$"),
    Expected("ein Name aus 2 bis 31 Kleinbuchstaben, Ziffern und -, am Anfang ein Buchstabe"),
]
CustomerGroup = Annotated[
    str,
    Field(min_length=1, max_length=40),
    AfterValidator(_clean),
    Expected("der Name einer Kundengruppe aus  dunning.groups, höchstens 40 Zeichen"),
]
SystemName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$"),
    Expected("der Name einer Verbindung aus  systems: Kleinbuchstaben, Ziffern, - und _"),
]
ModuleName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,40}$"),
    Expected("der Name eines Anschlusses wie lexoffice oder smtp"),
]
DaysUntilDue = Annotated[int, Field(strict=True, ge=0, le=120), Expected("eine ganze Zahl von Tagen (0 bis 120)")]
DiscountDays = Annotated[int, Field(strict=True, ge=1, le=60), Expected("eine ganze Zahl von Tagen (1 bis 60)")]
PayWithinDays = Annotated[int, Field(strict=True, ge=3, le=60), Expected("eine ganze Zahl von Tagen (3 bis 60)")]
DunningDays = Annotated[
    int,
    Field(strict=True, ge=1, le=365),
    Expected("eine ganze Zahl von Tagen (1 bis 365); am Fälligkeitstag selbst darf noch gezahlt werden"),
]
Percent = Annotated[
    Decimal,
    Field(gt=0, le=20, decimal_places=2),
    Expected("ein Prozentsatz über 0 bis 20 mit höchstens zwei Nachkommastellen"),
]
Amount = Annotated[
    Decimal,
    Field(ge=0, le=10_000, decimal_places=2),
    Expected("ein Betrag in Euro (0 bis 10000) mit Punkt und höchstens zwei Nachkommastellen"),
]
Tolerance = Annotated[
    Decimal,
    Field(ge=0, le=5, decimal_places=2),
    Expected("ein Betrag in Euro (0 bis 5.00) mit Punkt und höchstens zwei Nachkommastellen"),
]
Year = Annotated[int, Field(ge=2020, le=2100), Expected("ein Jahr, etwa 2026")]
Turnover = Annotated[
    Decimal,
    Field(ge=0, decimal_places=2),
    Expected("ein Betrag in Euro mit Punkt und höchstens zwei Nachkommastellen"),
]
Weekday = Annotated[int, BeforeValidator(_weekday), Expected("ein Wochentag: mo, di, mi, do oder fr")]
Hour = Annotated[int, Field(strict=True, ge=0, le=24), Expected("eine volle Stunde (0 bis 24)")]
Day = Annotated[date, BeforeValidator(_written_day), Expected("ein Datum der Form 2026-11-01")]
InvoicesPerDay = Annotated[
    int, Field(strict=True, ge=0, le=100_000), Expected("eine ganze Zahl von Rechnungen (0 bis 100000)")
]
MailsPerDay = Annotated[int, Field(strict=True, ge=0, le=100_000), Expected("eine ganze Zahl von Mails (0 bis 100000)")]
LettersPerDay = Annotated[
    int, Field(strict=True, ge=0, le=100_000), Expected("eine ganze Zahl von Briefen (0 bis 100000)")
]
