"""Invoices of every kind and tax case for the gallery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing.corrections import cancellation, correction, credit_note
from billing.einvoice_duty import Form
from billing.invoices import Draft, Invoice, Kind, Payment, PaymentMeans, Reference
from billing.jobs import Charge, EarlyPayment, Line, References, Site, TaxCase, Terms, TimesheetRow
from billing.markers import marker
from billing.part_payments import final, received
from billing.parties import Address, Customer
from documents.case import CERTIFIED, CITY, DEBITING, ENGLISH, SWISS, ZERO, Case, changed, heading, line
from documents.samples import BUILDER, CONSUMER, invoice, samples

_CORRECTED_ON = date(2026, 11, 21)
FULL_PAGES_LINES = 24
"""So many lines of two rows of text fill two pages."""


def _one_line() -> Case:
    made = invoice("RE-2026-0051", CONSUMER, (line("Wasserhahn ersetzt", "1", "Pauschale", "89.00"),))
    return Case("eine-position", "Eine Position", "Die kürzeste Rechnung.", made)


def _bathroom() -> Case:
    lines = (
        heading("Badsanierung Lindenstraße 7, 2. OG"),
        line("Demontage und Entsorgung", "14", "Std.", "58.00", labour=True),
        line("Fliesen verlegen", "28.5", "m²", "64.00", labour=True, text="Feinsteinzeug 60 × 60 cm, verfugt"),
        line("Feinsteinzeug Calma, grau", "31", "m²", "38.90"),
        line("Waschtisch mit Armatur", "1", "Set", "689.00"),
        line("An- und Abfahrt", "6", "Stück", "24.00", labour=True),
    )
    made = changed(invoice("RE-2026-0052", CONSUMER, lines), site=Site.CONSTRUCTION, title="Badsanierung")
    about = "Privatkunde und Bauwerk: Lohnanteil nach § 35a EStG, zwei Jahre aufbewahren nach § 14b UStG."
    return Case("badsanierung", "Handwerkerrechnung", about, made)


def _certified() -> Case:
    lines = (
        line("Trockenbauwand zweilagig beplankt", "118", "m²", "47.80"),
        line("Türöffnungen herstellen", "6", "Stück", "92.00"),
    )
    made = changed(invoice("RE-2026-0053", BUILDER, lines, terms=Terms(30)), site=Site.CONSTRUCTION)
    about = "Freistellungsbescheinigung nach § 48b EStG mit Nummer und Gültigkeit."
    return Case("freistellung", "Bauleistung mit Freistellung", about, made, CERTIFIED)


def _export() -> Case:
    lines = (line("Seilbahnlack, Gebinde 20 l", "12", "Stück", "214.00", ZERO),)
    made = invoice("RE-2026-0054", SWISS, lines, case=TaxCase.EXPORT, terms=Terms(30))
    return Case("ausfuhr", "Ausfuhr in die Schweiz", "Steuerfreie Ausfuhrlieferung, Land in der Anschrift.", made)


def _exempt() -> Case:
    lines = (line("Vermietung einer Gewerbefläche, November 2026", "1", "Monat", "1450.00", ZERO),)
    made = invoice("RE-2026-0055", BUILDER, lines, case=TaxCase.EXEMPT)
    exemption = "Umsatzsteuerfrei nach § 4 Nr. 12 Buchst. a UStG"
    return Case(
        "steuerfrei", "Steuerfrei nach § 4", "Der Grund steht auf dem Papier.", changed(made, exemption=exemption)
    )


def _charged() -> Case:
    lines = (
        line("Stahltür T30, einflügelig", "2", "Stück", "1180.00"),
        replace(
            line("Montage am Samstag", "9", "Std.", "62.00"),
            surcharge_percent=Decimal(25),
            surcharge_reason="Wochenendzuschlag",
        ),
        replace(line("Zarge liefern", "2", "Stück", "240.00"), discount_percent=Decimal(10)),
    )
    charges = (Charge("Fracht", amount=Decimal("120.00")), Charge("Kleinmengenzuschlag", percent=Decimal("2.5")))
    made = changed(invoice("RE-2026-0056", BUILDER, lines), charges=charges)
    return Case("zuschlaege", "Zuschläge", "Zuschlag und Rabatt in Zeilen, Fracht auf das Ganze.", made)


_WORKED = (
    TimesheetRow(date(2026, 10, 2), "Murat Yıldız", "4711", "Thermostate getauscht", Decimal("3.5"), "Std."),
    TimesheetRow(date(2026, 10, 9), "Anna Groß", "4718", "Schalter ersetzt und geprüft", Decimal("1.25"), "Std."),
    TimesheetRow(date(2026, 10, 9), "Anna Groß", "4718", "Anfahrt", Decimal(1), "Pauschale", is_time=False),
    TimesheetRow(date(2026, 10, 21), "Anna Groß", "4733", "Türschließer gewechselt", Decimal(2), "Std."),
    TimesheetRow(
        date(2026, 10, 28), "Murat Yıldız", "4740", "Filter, Keilriemen und Lager nach Wartungsplan", Decimal(6), "Std."
    ),
)


def _collective() -> Case:
    tickets = (
        ("Ticket 4711, Heizung Büro Nord", "Gemeldet von Frau Demir am 02.10.2026", "3.5", "18.40"),
        ("Ticket 4718, Lichtschalter Empfang", "Gemeldet von Herrn Lang am 09.10.2026", "1.25", "12.90"),
        ("Ticket 4733, Türschließer Lager", "Gemeldet von Frau Demir am 21.10.2026", "2", "74.00"),
        ("Ticket 4740, Wartung Lüftung", "Vertrag W-2026-08, Oktober", "6", "0.00"),
    )
    lines: list[Line] = []
    for name, text, hours, material in tickets:
        lines += [heading(name, text), line("Techniker", hours, "Std.", "64.00")]
        if Decimal(material):
            lines.append(line("Material", "1", "Pauschale", material))
    references = References(project="P-2026-14", contract="RV-88", purchase_order="4500017788", delivery_note="LS-0931")
    made = changed(
        invoice("RE-2026-0057", BUILDER, tuple(lines), performed=(date(2026, 10, 1), date(2026, 10, 31))),
        kind=Kind.COLLECTIVE,
        references=references,
        timesheet=_WORKED,
    )
    about = "Ein Monat, nach Tickets gegliedert mit Abschnittssummen, vier Bezüge des Kunden, Tätigkeitsnachweis."
    return Case("sammelrechnung", "Sammelrechnung", about, made)


def _building_lines() -> tuple[Line, ...]:
    return (
        line("Gerüst stellen und vorhalten", "420", "m²", "9.80"),
        line("Wärmedämmverbundsystem 160 mm", "380", "m²", "96.50"),
        line("Oberputz und Anstrich", "380", "m²", "31.20"),
    )


def _part(number: str, share: str, kind: Kind, customer: Customer = BUILDER) -> Invoice:
    lines = (line("Fassadensanierung, Leistungsstand laut Aufmaß", share, "Pauschale", "10000.00"),)
    return changed(invoice(number, customer, lines, terms=Terms(21)), kind=kind, site=Site.CONSTRUCTION)


def _progress() -> Case:
    made = _part("AR-2026-0061", "1.25", Kind.PARTIAL_CONSTRUCTION)
    return Case("abschlag-bau", "Abschlagsrechnung (Bau)", "BT-3 875, Leistungsstand nach Aufmaß.", made)


def _partial() -> Case:
    lines = (line("Gartenplanung, Entwurf abgeschlossen", "1", "Pauschale", "1850.00"),)
    made = changed(invoice("TR-2026-0012", CONSUMER, lines), kind=Kind.PARTIAL, site=Site.PROPERTY)
    return Case("abschlag", "Abschlagsrechnung", "BT-3 326, außerhalb des Baus.", made)


def _prepayment() -> Case:
    lines = (line("Anzahlung 30 % auf Angebot AN-2026-0199 (Einbauküche)", "0.3", "Pauschale", "12400.00"),)
    made = changed(invoice("AZ-2026-0007", CONSUMER, lines, terms=Terms(7)), kind=Kind.PREPAYMENT)
    return Case("anzahlung", "Anzahlungsrechnung", "BT-3 386, vor der Ausführung.", made)


def _final() -> Case:
    parts = [
        (_part("AR-2026-0061", "1.25", Kind.PARTIAL_CONSTRUCTION), date(2026, 9, 14)),
        (_part("AR-2026-0068", "2.00", Kind.PARTIAL_CONSTRUCTION), date(2026, 10, 9)),
    ]
    unpaid = Reference("AR-2026-0074", date(2026, 10, 16))
    whole = changed(
        invoice("SR-2026-0009", BUILDER, _building_lines(), terms=Terms(30)),
        kind=Kind.PARTIAL_CONSTRUCTION,
        site=Site.CONSTRUCTION,
    )
    draft = final(whole.draft, [received(part, day) for part, day in parts], [unpaid])
    about = "Zwei erhaltene Abschläge mit Steuer abgezogen, ein unbezahlter nicht (§ 14 Abs. 5 Satz 2 UStG)."
    return Case("schlussrechnung", "Schlussrechnung (Bau)", about, replace(whole, draft=draft))


def _part_final() -> Case:
    part = _part("AR-2026-0061", "1.25", Kind.PARTIAL_CONSTRUCTION)
    accepted = changed(
        invoice("TS-2026-0002", BUILDER, _building_lines()[:1], terms=Terms(30)),
        kind=Kind.PARTIAL_FINAL_CONSTRUCTION,
        site=Site.CONSTRUCTION,
        title="Bauabschnitt 1: Gerüst",
    )
    draft = final(accepted.draft, [received(part, date(2026, 9, 14), Decimal("3000.00"))])
    about = "BT-3 876: ein abgenommener Teil der Arbeiten, mit seinem Abschlag."
    return Case("teilschlussrechnung", "Teilschlussrechnung (Bau)", about, replace(accepted, draft=draft))


def _final_mixed() -> Case:
    lines = (
        line("Photovoltaikanlage 9,8 kWp mit Montage", "1", "Set", "14890.00", ZERO),
        line("Zählerschrank erneuern", "1", "Stück", "1640.00"),
        line("Wallbox 11 kW", "1", "Stück", "1190.00"),
    )
    whole = invoice("SR-2026-0010", CONSUMER, lines)
    part = changed(
        invoice("AR-2026-0070", CONSUMER, (replace(lines[0], quantity=Decimal("0.5")), lines[1])), kind=Kind.PARTIAL
    )
    draft = final(replace(whole.draft, site=Site.PROPERTY), [received(part, date(2026, 10, 2), Decimal("6000.00"))])
    draft = replace(draft, payment=replace(draft.payment, paid_amount=Decimal("250.00")))
    draft = replace(draft, totals=replace(draft.totals, paid=draft.totals.paid + Decimal("250.00")))
    about = "Teilzahlung über zwei Steuersätze verteilt, dazu 250 € ohne Rechnung."
    return Case("schlussrechnung-teilzahlung", "Schlussrechnung, zwei Sätze", about, replace(whole, draft=draft))


def _public() -> Case:
    lines = (
        line("Anstrich Klassenräume, Haus B", "640", "m²", "7.90", text="Nassabriebklasse 2"),
        line("Bodenbelag entfernen", "210", "m²", "5.40"),
    )
    references = References(purchase_order="4500099123", contract="RV-2026-17")
    made = changed(invoice("RE-2026-0058", CITY, lines, terms=Terms(30)), references=references)
    about = "XRechnung (UBL) als XML, das PDF ist die lesbare Kopie."
    return Case("leitweg-id", "Behörde mit Leitweg-ID", about, made, form=Form.XRECHNUNG_UBL)


def _english() -> Case:
    lines = (
        line("Wall graphics, lobby", "18.5", "m²", "142.00", ZERO, text="Printed on site"),
        line("Installation", "12", "hours", "68.00", ZERO),
    )
    terms = Terms(30, EarlyPayment(Decimal(2), 10))
    made = invoice("RE-2026-0059", ENGLISH, lines, case=TaxCase.REVERSE_CHARGE, terms=terms, title="Lobby redesign")
    return Case("englisch", "Englisch", "Sprache des Kunden, Skonto, Steuer nach § 13b in beiden Sprachen.", made)


def _debited() -> Case:
    made = invoice("RE-2026-0060", CONSUMER, (line("Wartungsvertrag Heizung, Jahr 2027", "1", "Jahr", "249.00"),))
    payment = Payment(PaymentMeans.DIRECT_DEBIT, "MANDAT-2026-0042", "DE75512108001245126199")
    about = "Einzug nach Mandat: kein GiroCode, keine Aufforderung."
    return Case("lastschrift", "SEPA-Lastschrift", about, changed(made, payment=payment), DEBITING)


def _settled() -> Case:
    made = invoice("RE-2026-0062", CONSUMER, (line("Notdienst Rohrverstopfung", "1.5", "Std.", "98.00"),))
    gross = made.draft.totals.gross
    draft = replace(made.draft, payment=Payment(PaymentMeans.SETTLED, paid_amount=gross))
    draft = replace(draft, totals=replace(draft.totals, paid=gross))
    return Case("bezahlt", "Schon bezahlt", "Bar oder mit Karte: nichts zu überweisen.", replace(made, draft=draft))


def _with_lines(number: str, count: int) -> Invoice:
    lines = tuple(
        line(f"Fenster {at} instand setzen", "1", "Stück", "186.50", text="Dichtungen, Beschläge, Anstrich")
        for at in range(1, count + 1)
    )
    return invoice(number, BUILDER, lines)


def _full_pages() -> Case:
    about = "Die letzte Zeile mit Summe und Zahlung füllt Seite 2 bis zum Rand."
    return Case("zwei-volle-seiten", "Zwei volle Seiten", about, _with_lines("RE-2026-0063", FULL_PAGES_LINES))


def _sixty() -> Case:
    return Case("sechzig-positionen", "60 Positionen", "Spaltenköpfe auf jeder Seite.", _with_lines("RE-2026-0064", 60))


def _crowded() -> Case:
    name = "Immobilien- und Hausverwaltungsgesellschaft Sonnenhügel & Partner mbH & Co. Betriebs KG"
    street = "An der alten Ziegelei und Dampfmühle 114–116, Tor 3, Eingang Süd"
    address = Address(street, "50735", "Köln", supplement="Abteilung Rechnungsprüfung, Kreditoren, Frau Dr. Żółkiewska")
    customer = replace(BUILDER, name=name, address=address)
    made = invoice("RE-2026-0065", customer, (line("Malerarbeiten", "1", "Pauschale", "980.00"),))
    return Case("lange-anschrift", "Lange Anschrift", "Kleinere Schrift, damit alles im Fenster bleibt.", made)


INVOICES: tuple[Callable[[], Case], ...] = (
    _one_line, _bathroom, _certified, _export, _exempt, _charged, _collective, _progress, _partial, _prepayment, _final,
    _part_final, _final_mixed, _public, _english, _debited, _settled, _full_pages, _sixty, _crowded,
)  # fmt: skip


def _issued(number: str, draft: Draft, case_marker: str) -> Invoice:
    return Invoice(number, draft.issue_date, replace(draft, marker=marker("beispiel", case_marker)))


def _original() -> Invoice:
    return samples()["verbraucher"][0]


def _cancelled() -> Case:
    draft = cancellation(_original(), _CORRECTED_ON, "RB-", "Die Rechnung ging versehentlich an die falsche Anschrift.")
    made = _issued("ST-2026-0003", draft, "ST-2026-0003")
    return Case("storno", "Stornorechnung", "Alle Beträge mit umgekehrtem Vorzeichen, Bezug auf die Rechnung.", made)


def _corrected() -> Case:
    lines = (line("Wände streichen, zu viel berechnete Fläche", "-12.5", "m²", "7.45"),)
    made = _issued("RK-2026-0002", correction(_original(), lines, _CORRECTED_ON, "RB-"), "RK-2026-0002")
    return Case("korrektur", "Rechnungskorrektur", "Nur der Unterschied (§ 31 Abs. 5 UStDV).", made)


def _credited() -> Case:
    lines = (line("Nachlass wegen verspäteter Fertigstellung", "1", "Pauschale", "150.00"),)
    made = _issued("GS-2026-0001", credit_note(_original(), lines, _CORRECTED_ON, "RB-"), "GS-2026-0001")
    return Case("gutschrift", "Kaufmännische Gutschrift", "Positive Beträge, die zurückgehen; kein GiroCode.", made)


CHANGES: tuple[Callable[[], Case], ...] = (_cancelled, _corrected, _credited)
