"""Made-up invoices that show every case a template must cope with: for previews, the gallery and tests."""

from datetime import date
from decimal import Decimal

from billing.invoices import Draft, Invoice
from billing.jobs import Discount, EarlyPayment, Line, PriceMode, TaxCase, Terms
from billing.markers import marker
from billing.parties import Address, Customer, CustomerKind, Seller
from billing.terms import due_date
from billing.vat import totals

SELLER = Seller(
    name="Malerbetrieb Sommer GmbH",
    address=Address("Handwerkerstraße 12", "50823", "Köln"),
    tax_number="217/5733/0042",
    vat_id="DE123456788",
    email="rechnung@malerbetrieb-sommer.example",
    phone="0221 5550142",
    iban="DE02120300000000202051",
    bic="BYLADEM1001",
    bank_name="Deutsche Kreditbank",
    contact_name="Eva Sommer",
    website="malerbetrieb-sommer.example",
    register_court="Amtsgericht Köln",
    register_number="HRB 104221",
    managing_directors=("Eva Sommer", "Jonas Sommer"),
)
SMALL_SELLER = Seller(
    name="Gartenpflege Lindner",
    address=Address("Am Anger 3", "99084", "Erfurt"),
    tax_number="151/245/06687",
    vat_id="",
    email="post@gartenpflege-lindner.example",
    phone="0361 5550177",
    iban="DE75512108001245126199",
    contact_name="Paul Lindner",
    small_business=True,
)
CONSUMER = Customer(
    external_id="c-1",
    name="Frau Katharina Wiśniewska",
    address=Address("Lindenstraße 7", "50674", "Köln", supplement="2. OG links"),
    email="k.wisniewska@kundin.example",
    number="10042",
)
BUILDER = Customer(
    external_id="c-2",
    name="Rheinbau Generalunternehmung GmbH & Co. KG",
    address=Address("Industriestraße 88–90", "50735", "Köln"),
    kind=CustomerKind.BUSINESS,
    email="buchhaltung@rheinbau.example",
    number="10077",
    vat_id="DE811907980",
)
AUSTRIAN = Customer(
    external_id="c-3",
    name="Alpenblick Hotelbetriebs GmbH",
    address=Address("Seepromenade 4", "5310", "Mondsee", country_code="AT"),
    kind=CustomerKind.BUSINESS,
    email="einkauf@alpenblick.example",
    number="10101",
    vat_id="ATU12345675",
)
TERMS = Terms(14)
_NINETEEN, _SEVEN, _ZERO = Decimal(19), Decimal(7), Decimal(0)


def samples() -> dict[str, tuple[Invoice, Seller]]:
    """The samples by name; the names are stable and used for files."""
    return {
        "verbraucher": (_consumer(), SELLER),
        "skonto-rabatt": (_discounts(), SELLER),
        "bruttopreise": (_gross(), SELLER),
        "steuersaetze": (_mixed_rates(), SELLER),
        "bauleistung": (_reverse_charge(), SELLER),
        "kleinunternehmer": (_small_business(), SMALL_SELLER),
        "eu-lieferung": (_intra_community(), SELLER),
        "zwei-seiten": (_long(), SELLER),
        "lange-texte": (_long_texts(), SELLER),
        "photovoltaik": (_zero_rate(), SELLER),
    }


def invoice(
    number: str,
    customer: Customer,
    lines: tuple[Line, ...],
    *,
    terms: Terms = TERMS,
    mode: PriceMode = PriceMode.NET,
    discount: Discount | None = None,
    case: TaxCase = TaxCase.STANDARD,
    performed: tuple[date, date] = (date(2026, 10, 19), date(2026, 10, 30)),
    order_number: str = "AB-2026-0311",
    title: str = "",
    remark: str = "",
) -> Invoice:
    """An invoice of 2 November 2026 with totals and due date as the rules give them."""
    discount = discount or Discount()
    issued = date(2026, 11, 2)
    draft = Draft(
        marker=marker("beispiel", number),
        customer=customer,
        lines=lines,
        totals=totals(lines, mode, discount),
        terms=terms,
        issue_date=issued,
        performed_from=performed[0],
        performed_until=performed[1],
        price_mode=mode,
        tax_case=case,
        discount=discount,
        order_number=order_number,
        title=title,
        remark=remark,
    )
    return Invoice(number, due_date(issued, terms), draft)


def _line(
    name: str, quantity: str, unit: str, price: str, rate: Decimal = _NINETEEN, *, off: str = "0", text: str = ""
) -> Line:
    return Line(name, Decimal(quantity), unit, Decimal(price), rate, Decimal(off), text)


def _heading(name: str) -> Line:
    return Line(name, is_text=True)


def _consumer() -> Invoice:
    lines = (
        _line("Wände spachteln und schleifen", "38.5", "m²", "9.80", text="Qualitätsstufe Q3, Wohnzimmer und Flur"),
        _line("Dispersionsanstrich, zweimal", "86", "m²", "7.45", text="Farbton RAL 9010, lösemittelfrei"),
        _line("Abdecken und Schutz der Böden", "1", "Pauschale", "85.00"),
        _line("Anfahrt", "2", "Stück", "24.00"),
    )
    return invoice("RE-2026-0042", CONSUMER, lines, title="Malerarbeiten Lindenstraße 7, 2. Obergeschoss")


def _discounts() -> Invoice:
    lines = (
        _line("Fassadenanstrich Silikonharz", "240", "m²", "18.90", text="Zwei Anstriche auf tragfähigem Untergrund"),
        _line("Gerüststellung", "1", "Pauschale", "1450.00", off="10", text="Standzeit vier Wochen"),
        _line("Facharbeiterstunde", "16.5", "Std.", "58.00"),
    )
    terms = Terms(30, EarlyPayment(Decimal(2), 10))
    return invoice("RE-2026-0043", BUILDER, lines, terms=terms, discount=Discount(percent=Decimal(3)))


def _gross() -> Invoice:
    lines = (
        _line("Türblatt lackieren, beidseitig", "3", "Stück", "119.99", text="Seidenmatt, weiß"),
        _line("Fensterlasur", "5", "Stück", "79.95"),
        _line("Kleinmaterial", "1", "Pauschale", "19.90"),
    )
    performed = (date(2026, 10, 30), date(2026, 10, 30))
    return invoice("RE-2026-0044", CONSUMER, lines, mode=PriceMode.GROSS, performed=performed)


def _mixed_rates() -> Invoice:
    lines = (
        _heading("Ausstattung"),
        _line("Handbuch Farbgestaltung", "4", "Stück", "34.50", _SEVEN),
        _line("Beratung vor Ort", "3.25", "Std.", "85.00", off="5"),
        _heading("Material"),
        _line("Wandfarbe Premium", "25", "Liter", "11.20"),
    )
    return invoice("RE-2026-0045", BUILDER, lines, discount=Discount(amount=Decimal("50.00")))


def _reverse_charge() -> Invoice:
    lines = (
        _line("Innenputz Kalkzement", "312.75", "m²", "21.40", _ZERO, text="Bauvorhaben Deutzer Hafen, Haus C"),
        _line("Kantenschutzprofile", "94", "m", "4.85", _ZERO),
    )
    remark = (
        "Es liegt eine Freistellungsbescheinigung zum Steuerabzug bei Bauleistungen gemäß § 48b EStG vor,"
        " Sicherheitsnummer 2175733004201, gültig bis 31.12.2027."
    )
    return invoice("RE-2026-0046", BUILDER, lines, case=TaxCase.REVERSE_CHARGE, terms=Terms(30), remark=remark)


def _small_business() -> Invoice:
    lines = (
        _line("Hecke schneiden", "4.5", "Std.", "38.00", _ZERO),
        _line("Grünschnitt entsorgen", "1", "Pauschale", "45.00", _ZERO),
    )
    performed = (date(2026, 10, 28), date(2026, 10, 28))
    case = TaxCase.SMALL_BUSINESS
    return invoice("2026-17", CONSUMER, lines, case=case, performed=performed, order_number="")


def _intra_community() -> Invoice:
    lines = (_line("Mineralfarbe, Sonderton Gletscher", "180", "Liter", "14.75", _ZERO, text="12 Gebinde zu 15 Liter"),)
    case = TaxCase.INTRA_COMMUNITY
    return invoice("RE-2026-0047", AUSTRIAN, lines, case=case, terms=Terms(30))


def _long() -> Invoice:
    rooms = ("Foyer", "Empfang", "Büro 1", "Büro 2", "Besprechung", "Teeküche")
    lines: list[Line] = []
    for room in rooms:
        lines += [
            _heading(room),
            _line("Decke streichen", "24.5", "m²", "6.20"),
            _line("Wände streichen", "61.75", "m²", "7.45", text="Nassabriebklasse 1, Farbton nach Muster"),
            _line("Sockelleisten lackieren", "22", "m", "5.90"),
        ]
    return invoice("RE-2026-0048", BUILDER, tuple(lines), terms=Terms(30, EarlyPayment(Decimal(3), 8)))


def _long_texts() -> Invoice:
    title = "Verwalterin der Wohnungseigentümergemeinschaft Ringstraße 112 bis 118"
    name = f"Hausverwaltung Schmitt-Özdemir & Söhne, {title}"
    street = "Straße des 17. Juni 1335, Hinterhaus, Aufgang B"
    customer = Customer(
        external_id="c-4",
        name=name,
        address=Address(street, "10623", "Berlin", supplement="z. Hd. Frau Γεωργία Παπαδοπούλου"),
        number="KD-2026-000815-A",
    )
    text = (
        "Untergrund prüfen, lose Teile entfernen, Risse mit Gewebe überbrücken, grundieren und zweimal deckend"
        " beschichten; einschließlich Abdecken aller angrenzenden Bauteile und Entsorgung der Reste.\n"
        "Ausführung nach Herstellervorschrift."
    )
    lines = (
        _line("Treppenhausrenovierung einschließlich Geländer und Türrahmen", "1", "Pauschale", "12480.00", text=text),
        _line("Zulage Donaudampfschifffahrtsgesellschaftskapitänslack", "1234.567", "Quadratmeter", "1.0625"),
    )
    return invoice("RE-2026-LANGE-NUMMER-0049", customer, lines, order_number="AUFTRAG-2026-10-00000311", title=name)


def _zero_rate() -> Invoice:
    lines = (
        _line("Photovoltaikanlage 9,8 kWp", "1", "Set", "11890.00", _ZERO, text="0 % gemäß § 12 Abs. 3 UStG"),
        _line("Zählerschrank erneuern", "1", "Stück", "1240.00"),
    )
    return invoice("RE-2026-0050", CONSUMER, lines)
