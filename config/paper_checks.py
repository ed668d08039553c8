"""What a client's file must get right before documents can be lawful: company data, certificates, mandates, looks."""

from collections.abc import Iterator
from pathlib import Path

from billing.company_details import missing_details, shortened_directors
from billing.leitweg import is_leitweg_id, looks_like_leitweg_id
from billing.parties import CustomerKind
from config.client import Client, seller_of
from config.customers import CustomerException
from config.problems import Finding, KeyPath

_LOGO_KINDS = (".svg", ".png")
_MOST_LOGO_BYTES = 500_000


def tax(config: Client, _file: Path) -> Iterator[Finding]:
    """§ 14 (4) no. 2 UStG."""
    seller = config.seller
    if not (seller.tax_number or seller.vat_id):
        yield Finding(
            ("seller",),
            "Auf jede Rechnung gehört die Steuernummer oder die USt-IdNr. (§ 14 Abs. 4 Nr. 2 UStG).",
            "tax_number oder vat_id ergänzen.",
        )


def company(config: Client, _file: Path) -> Iterator[Finding]:
    """What the legal form in the name wants on business letters."""
    seller = seller_of(config)
    missing = missing_details(seller)
    if missing:
        yield Finding(
            ("seller",),
            f"Zu {seller.name} gehört nach {missing.law} mehr auf die Rechnung; es fehlt: {', '.join(missing.fields)}.",
            "Die Angaben aus dem Handelsregister ergänzen.",
        )
    for name in shortened_directors(seller):
        yield Finding(
            ("seller", "managing_directors", seller.managing_directors.index(name)),
            "Geschäftsführer gehören mit mindestens einem ausgeschriebenen Vornamen auf die Rechnung (§ 35a GmbHG).",
            "Vor- und Nachnamen ausschreiben, zum Beispiel  Jana Sommer",
        )


def customers(config: Client, _file: Path) -> Iterator[Finding]:
    """What is set for single customers."""
    for number, one in config.customers.items():
        place: KeyPath = ("customers", number)
        yield from _reference(one, place)
        yield from _certificate(one, place)
        yield from _debit(config, one, place)


def looks(config: Client, file: Path) -> Iterator[Finding]:
    """Logos and folders of the client and of single customers."""
    yield from _files(config.look.logo, config.look.templates, file, ("look",))
    for number, one in config.customers.items():
        yield from _files(one.look.logo, one.look.templates, file, ("customers", number, "look"))


def _reference(one: CustomerException, place: KeyPath) -> Iterator[Finding]:
    reference = one.buyer_reference or ""
    could_be_public = one.kind in (None, CustomerKind.PUBLIC)
    if could_be_public and looks_like_leitweg_id(reference) and not is_leitweg_id(reference):
        yield Finding(
            (*place, "buyer_reference"),
            "Die Prüfziffer dieser Leitweg-ID stimmt nicht.",
            "Leitweg-ID aus dem Auftrag der Behörde abschreiben, zum Beispiel  04011000-1234512345-06",
        )


def _certificate(one: CustomerException, place: KeyPath) -> Iterator[Finding]:
    if one.reverse_charge and one.kind is CustomerKind.CONSUMER:
        yield Finding(
            (*place, "reverse_charge"),
            "Verbraucher schulden nie selbst Umsatzsteuer (§ 13b Abs. 5 UStG).",
            "kind: business  setzen oder  reverse_charge  löschen.",
        )


def _debit(config: Client, one: CustomerException, place: KeyPath) -> Iterator[Finding]:
    if one.direct_debit and not config.seller.creditor_id:
        yield Finding(
            (*place, "direct_debit"),
            "Zum Einziehen fehlt die Gläubiger-Identifikationsnummer.",
            "seller.creditor_id  ergänzen.",
        )
    if one.direct_debit and config.invoices.pdf == "accounting":
        yield Finding(
            (*place, "direct_debit"),
            "Das PDF der Buchhaltung würde diesen Kunden zur Überweisung auffordern.",
            "invoices.pdf: own  setzen.",
        )


def _files(logo: str | None, templates: str | None, file: Path, place: KeyPath) -> Iterator[Finding]:
    if logo:
        yield from _logo(file.parent / logo, (*place, "logo"))
    if templates and not (file.parent / templates).is_dir():
        yield Finding(
            (*place, "templates"), "Diesen Ordner gibt es nicht.", f"Ordner anlegen: {file.parent / templates}"
        )


def _logo(logo: Path, place: KeyPath) -> Iterator[Finding]:
    if not logo.is_file():
        yield Finding(place, "Diese Datei gibt es nicht.", f"Logo dort ablegen: {logo}")
    elif logo.suffix.lower() not in _LOGO_KINDS:
        yield Finding(place, "Ein Logo ist eine SVG- oder PNG-Datei.", "Logo umwandeln, am besten in SVG.")
    elif logo.stat().st_size > _MOST_LOGO_BYTES:
        yield Finding(place, "Das Logo ist größer als 500 kB und käme in jede Rechnung.", "Logo verkleinern.")
