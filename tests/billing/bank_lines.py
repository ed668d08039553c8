"""A labelled set of bank lines: German purposes as customers and banks write them, and decoys; the same every time.

Each case says which invoices the payer meant with which amounts (`truth`), and whether a clear line (`is_clear`) was
written: only clear ones count for recall, but a wrong booking of any line counts against precision.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random

from billing.allocation import Claim
from billing.bank import BankLine
from billing.matching import Kind, KnownInvoices, OpenInvoice
from billing.money import Money, euro, to_cent
from billing.runs import creditor_reference
from billing.terms import EarlyOffer

TODAY = date(2026, 11, 20)
TOLERANCE = euro("0.05")
PEOPLE = [
    "Hans Müller",
    "Hans Müller",
    "Sabine Schröder",
    "Jürgen Groß",
    "Ayşe Yılmaz",
    "Dr. Karl-Heinz Böhm",
    "Maria Weiß",
    "Peter Schmidt",
    "Anna-Lena Krüger",
    "Familie Öztürk",
    "Rolf Meier",
    "Claudia Jäger",
]
FIRMS = [
    "Hausverwaltung Lindner GmbH",
    "Bäckerei Möller e.K.",
    "Nordbau GmbH & Co. KG",
    "Zahnarztpraxis Dr. Vogt",
    "Autohaus Bergmann AG",
    "Stadtwerke Musterstadt",
    "Kita Sonnenblume e.V.",
    "Metallbau Fuchs UG (haftungsbeschränkt)",
]
COMMON = ["119.00", "238.00", "357.00", "59.50", "1190.00", "89.25", "476.00", "142.80"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One line with what it is in truth: `truth` maps invoice numbers to amounts, `kind` is asked for where given."""

    scenario: str
    line: BankLine
    truth: dict[str, Money]
    is_clear: bool = False
    kind: Kind | None = None

    @property
    def is_decoy(self) -> bool:
        """Whether the line was written to mislead: then even a person could only ask."""
        return self.scenario.startswith("decoy")


@dataclass(frozen=True)
class World:
    """One client's invoices, and chance for writing lines about them."""

    chance: Random
    invoices: tuple[OpenInvoice, ...]

    @cached_property
    def open(self) -> list[OpenInvoice]:
        """The open invoices."""
        return [invoice for invoice in self.invoices if not invoice.is_paid]

    @cached_property
    def paid(self) -> list[OpenInvoice]:
        """The paid ones."""
        return [invoice for invoice in self.invoices if invoice.is_paid]

    def some(self) -> OpenInvoice:
        """An open invoice."""
        return self.chance.choice(self.open)

    def line(self, payer: OpenInvoice, amount: Money, purpose: str, **more: object) -> BankLine:
        """A line from the customer of `payer`, from the account known for him if there is one."""
        made = BankLine(
            id=f"{self.chance.getrandbits(64):016x}",
            booked_on=TODAY,
            amount=amount,
            value_on=TODAY,
            counterparty=bank_name(payer.customer_name, self.chance),
            iban=next(iter(payer.ibans), f"DE{self.chance.randrange(10**20):020d}"),
            purpose=purpose,
            end_to_end_id=self.chance.choice(["", "NOTPROVIDED", f"{self.chance.randrange(10**16):016d}"]),
        )
        return replace(made, **more)  # type: ignore[arg-type]


Scenario = Callable[[World], Labelled]
NUMBERING: dict[str, Callable[[int], str]] = {
    "yearly": lambda place: f"RE-2026-{place + 131:04d}",
    "growing": lambda place: f"RE-{1001 + place if place < 40 else 10010 + place - 40}",
    "short": lambda place: f"RE{place + 1:04d}",
    "letters": lambda place: f"SOM/26/{place + 7}",
    "digits": lambda place: f"2026{place + 100:05d}",
}


def world(numbering: str, seed: int, size: int = 80) -> World:
    """A client with `size` invoices, a fifth of them paid, many with equal amounts, two customers with equal names."""
    chance = Random(f"{numbering}-{seed}")
    names = PEOPLE + FIRMS
    ibans = [f"DE{chance.randrange(10**20):020d}" for _ in names]
    invoices = []
    for place in range(size):
        owner = place % 2 if place < 6 else chance.randrange(len(names))
        gross = euro(chance.choice(COMMON) if chance.random() < 0.4 else Decimal(chance.randrange(2000, 500000)) / 100)
        due = TODAY - timedelta(chance.randrange(-20, 60))
        offer = skonto(gross, chance) if chance.random() < 0.3 else None
        is_paid = place >= 6 and chance.random() < 0.2
        claim = Claim(
            NUMBERING[numbering](place),
            euro(0) if is_paid else gross,
            due,
            offer=offer,
            may_withhold=names[owner] in FIRMS and chance.random() < 0.3,
        )
        is_known = chance.random() < 0.6
        ibans_known = frozenset({ibans[owner]}) if is_known else frozenset[str]()
        invoices.append(OpenInvoice(claim, gross, f"{10020 + owner}", names[owner], ibans_known))
    return World(chance, tuple(invoices))


def skonto(gross: Money, chance: Random) -> EarlyOffer:
    """Two or three percent, in term or just past it."""
    percent = Decimal(chance.choice([2, 3]))
    saving = to_cent(gross.amount * percent / 100)
    return EarlyOffer(TODAY + timedelta(chance.choice([-9, -1, 0, 4])), percent, saving, gross.amount - saving)


def bank_name(name: str, chance: Random) -> str:
    """How a bank prints an account holder."""
    words = name.replace("Familie ", "").split()
    styles = [
        name,
        name.upper(),
        name.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae").replace("ß", "ss"),
        name[:27],
    ]
    if len(words) == 2:
        styles += [f"{words[1]}, {words[0]}", f"{words[1].upper()} {words[0].upper()}"]
    return chance.choice(styles)


def spelled(number: str, chance: Random) -> str:
    """A number as customers write it, complete but in any spelling."""
    plain = "".join(sign for sign in number if sign.isalnum())
    styles = [number, number.lower(), number.replace("-", " "), number.replace("-", "/"), plain, plain.lower()]
    styles += [number.replace("-", " - "), number.replace("-", "_"), number.replace("-", ". ", 1)]
    if number.isdigit():
        styles = [number, f"{number[:4]}-{number[4:]}", f"{number[:4]} {number[4:]}"]
    return chance.choice(styles)


def purpose(number: str, world: World, payer: OpenInvoice) -> str:
    """An ordinary purpose around a spelled number, sometimes cut into lines by the bank."""
    chance = world.chance
    day = payer.claim.due_date - timedelta(14)
    words = chance.choice(
        [
            f"Rechnung {number}",
            f"Rg.-Nr. {number} vom {day:%d.%m.%Y}",
            f"Rechnungsnummer: {number}, Kd-Nr {payer.customer_number}",
            f"RECHNUNG NR. {number} DANKE",
            f"Rechn. {number} v. {day:%d.%m.%y} KdNr. {payer.customer_number}",
            f"SVWZ+Rechnung {number} Betrag {payer.gross.amount} EUR",
            f"Bad/Küche, Rechnung Nr {number} abzüglich nichts :-) LG",
            f"Kundennummer {payer.customer_number} Rechnung {number}",
            f"RNr {number} Bauvorhaben Gartenstr. 12, 80331 München",
        ]
        if payer.number.isdigit()
        else [
            number,
            f"Rechnung {number}",
            f"{number} vom {day:%d.%m.%Y}",
            f"Rechnungsnr. {number} Kundennr. {payer.customer_number}",
            f"Danke für die schnelle Hilfe! {number}",
            f"SVWZ+{number} {payer.gross.amount} EUR",
            f"Überweisung {number} Müllerstraße 7",
            f"Bauvorhaben Gartenstr. 12, 80331 München, {number}",
            f"{payer.customer_number}/{number} {day:%d.%m.}",
        ]
    )
    return wrapped(words, chance)


def wrapped(text: str, chance: Random) -> str:
    """The text as banks hand it on: whole, or in pieces of 27 or 35 characters with a line break or a blank."""
    width = chance.choice([0, 0, 0, 27, 35])
    if not width:
        return text
    pieces = [text[start : start + width] for start in range(0, len(text), width)]
    return chance.choice(["\n", " "]).join(pieces)


def paid_with_number(world: World) -> Labelled:
    """Number in any spelling, exact amount, own name."""
    one = world.some()
    text = purpose(spelled(one.number, world.chance), world, one)
    return Labelled("number and amount", world.line(one, one.claim.open, text), {one.number: one.claim.open}, True)


def foreign_holder(world: World) -> Labelled:
    """Somebody else pays: number and amount are exact, name and account are strange."""
    one = world.some()
    text = f"Rechnung {one.number}"
    line = world.line(one, one.claim.open, text, counterparty="Gisela Unbekannt", iban="DE00999")
    return Labelled("foreign holder", line, {one.number: one.claim.open}, True)


def by_reference(world: World) -> Labelled:
    """The GiroCode's structured reference, in its field or typed into the purpose."""
    one = world.some()
    reference = creditor_reference(one.number)
    if world.chance.random() < 0.5:
        line = world.line(one, one.claim.open, "", creditor_reference=reference)
    else:
        typed = " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))
        line = world.line(one, one.claim.open, world.chance.choice([reference, typed]))
    return Labelled("structured reference", line, {one.number: one.claim.open}, True)


def in_end_to_end(world: World) -> Labelled:
    """The number stands only in the payer's own reference."""
    one = world.some()
    line = world.line(one, one.claim.open, "Ueberweisung", end_to_end_id=one.number)
    return Labelled("end-to-end reference", line, {one.number: one.claim.open}, not one.number.isdigit())


def with_discount(world: World) -> Labelled:
    """Skonto taken in its term, number given."""
    one = world.chance.choice([each for each in world.open if each.claim.offer and each.claim.offer.until >= TODAY])
    assert one.claim.offer is not None
    paid = Money(one.claim.offer.amount)
    text = f"{spelled(one.number, world.chance)} abzgl. {one.claim.offer.percent} % Skonto"
    is_clear = not one.number.isdigit()
    return Labelled("skonto in term", world.line(one, paid, text), {one.number: paid}, is_clear)


def with_late_discount(world: World) -> Labelled:
    """Skonto taken after its term."""
    one = world.chance.choice(
        [each for each in world.open if each.claim.offer and each.claim.offer.until < TODAY - timedelta(5)]
    )
    assert one.claim.offer is not None
    paid = Money(one.claim.offer.amount)
    line = world.line(one, paid, f"Rechnung {one.number} -Skonto-")
    return Labelled("skonto too late", line, {}, kind=Kind.PROPOSAL)


def withholding(world: World) -> Labelled:
    """85 % of a construction invoice."""
    one = world.chance.choice([each for each in world.open if each.claim.may_withhold])
    kept = to_cent(one.claim.principal.amount * Decimal("0.15"))
    line = world.line(one, one.claim.principal - Money(kept), f"Rechnung {one.number} abzgl. Bauabzugsteuer")
    return Labelled("85 percent", line, {}, kind=Kind.PROPOSAL)


def few_cents(world: World) -> Labelled:
    """A typing slip within the tolerance, from the customer himself."""
    one = world.some()
    paid = one.claim.open + euro(world.chance.choice(["0.01", "-0.01", "0.05", "-0.05", "-0.03"]))
    truth = {one.number: min(paid, one.claim.open)}
    return Labelled("few cents", world.line(one, paid, f"Rechnung {one.number}"), truth, True)


def part_payment(world: World) -> Labelled:
    """Half of it now, by the customer himself and with the number."""
    one = world.some()
    paid = Money(to_cent(one.claim.open.amount * Decimal("0.4")))
    return Labelled(
        "part payment", world.line(one, paid, f"Teilzahlung zu Rechnung {one.number}"), {one.number: paid}, True
    )


def several_at_once(world: World) -> Labelled:
    """Two to four invoices of one customer in one transfer, listed in one of the usual ways."""
    customer = world.chance.choice([each for each in world.open if len(own(world, each)) > 1])
    mine = own(world, customer)
    chosen = world.chance.sample(mine, world.chance.randint(2, min(4, len(mine))))
    numbers = [each.number for each in chosen]
    text = "Rechnungen " + world.chance.choice([", ", " + ", "/", " und ", " ; ", "\n"]).join(numbers)
    paid = Money(sum((each.claim.open.amount for each in chosen), Decimal(0)))
    truth = {each.number: each.claim.open for each in chosen}
    return Labelled("several invoices", world.line(customer, paid, text), truth, not numbers[0].isdigit())


def tails_listed(world: World) -> Labelled:
    """The first number in full, then only the ends of the others."""
    customer = world.chance.choice([each for each in world.open if len(own(world, each)) > 1])
    chosen = world.chance.sample(own(world, customer), 2)
    tail = chosen[1].number[-4:]
    paid = chosen[0].claim.open + chosen[1].claim.open
    line = world.line(customer, paid, f"Rechnung {chosen[0].number} u. {tail}")
    return Labelled("ends listed", line, {each.number: each.claim.open for each in chosen})


def number_without_prefix(world: World) -> Labelled:
    """Only the running number after the word Rechnung, from the customer himself."""
    one = world.some()
    digits = one.number[-4:] if world.chance.random() < 0.5 else one.number[-4:].lstrip("0")
    line = world.line(one, one.claim.open, f"Rechnung Nr. {digits}")
    return Labelled("number without prefix", line, {one.number: one.claim.open})


def no_number(world: World) -> Labelled:
    """No number, but account, name and an amount that only one open invoice of this customer has."""
    one = world.chance.choice([each for each in world.open if each.ibans and is_single_amount(world, each)])
    text = world.chance.choice(["Danke", "Rechnung vom 12.10.2026", "Handwerkerrechnung", "", "wie besprochen"])
    is_clear = names_alike(world, one) == 1
    return Labelled("no number", world.line(one, one.claim.open, text), {one.number: one.claim.open}, is_clear)


def by_customer_number(world: World) -> Labelled:
    """No invoice number, but customer number, name and a single amount."""
    one = world.chance.choice([each for each in world.open if is_single_amount(world, each)])
    line = world.line(one, one.claim.open, f"Kundennummer {one.customer_number}", iban="DE00111")
    is_clear = names_alike(world, one) == 1
    return Labelled("customer number", line, {one.number: one.claim.open}, is_clear)


def own(world: World, payer: OpenInvoice) -> list[OpenInvoice]:
    """The open invoices of a customer."""
    return [each for each in world.open if each.customer == payer.customer]


def is_single_amount(world: World, one: OpenInvoice) -> bool:
    """Whether the amount fits no other open invoice of the customer, with or without Skonto."""
    others = [each for each in own(world, one) if each is not one]
    amounts = {each.claim.open.amount for each in others}
    amounts |= {each.claim.offer.amount for each in others if each.claim.offer}
    return one.claim.open.amount not in amounts


def names_alike(world: World, one: OpenInvoice) -> int:
    """How many customers bear the name."""
    return len({each.customer for each in world.invoices if each.customer_name == one.customer_name})


def typing_slip(world: World) -> Labelled:
    """The customer means his invoice but names somebody else's; the amount is his."""
    meant, other = world.chance.sample(world.open, 2)
    while meant.customer_name == other.customer_name:
        meant, other = world.chance.sample(world.open, 2)
    line = world.line(meant, meant.claim.open, f"Rechnung {other.number}")
    return Labelled("decoy: somebody else's number", line, {meant.number: meant.claim.open})


def letter_for_digit(world: World) -> Labelled:
    """O for 0: readable for people, never certain for us."""
    one = world.chance.choice([each for each in world.open if "0" in each.number])
    text = one.number.replace("0", world.chance.choice(["O", "o"]))
    line = world.line(one, one.claim.open, text, counterparty="Gisela Unbekannt", iban="DE00999")
    return Labelled("decoy: O for 0", line, {}, kind=Kind.PROPOSAL)


def longer_number(world: World) -> Labelled:
    """Somebody else's numbering that holds one of our numbers: with a digit more, a suffix or something in front."""
    one = world.some()
    text = world.chance.choice(["{}7", "{}-2", "{}/3", "{}A", "X-{}", "G{}", "4711-{}", "9{}", "{}.1"]).format(
        one.number
    )
    line = world.line(one, one.claim.open, f"Lieferung {text}", counterparty="Gisela Unbekannt", iban="DE00999")
    return Labelled("decoy: longer number", line, {})


def torn_number(world: World) -> Labelled:
    """A number torn by the bank so that its first part is a number of ours too; both have the same amount."""
    pairs = [(one, two) for one in world.open for two in world.open if is_torn_pair(one.number, two.number)]
    if not pairs:
        return longer_number(world)
    short, long = world.chance.choice(pairs)
    torn = f"{short.number}{world.chance.choice([' ', chr(10)])}{long.number[len(short.number) :]}"
    line = world.line(long, short.claim.open, torn)
    return Labelled("decoy: torn number", line, {})


def is_torn_pair(short: str, long: str) -> bool:
    """Whether one number is the beginning of another."""
    return long.startswith(short) and len(long) > len(short)


def date_or_amount_like_a_number(world: World) -> Labelled:
    """Digits of a number that are a date, an amount, a postcode, an order, a customer."""
    one = world.some()
    tail = one.number[-4:].lstrip("0").rjust(2, "0")
    text = world.chance.choice(
        [
            f"Rechnung {tail[:2]}.{tail[-2:]}.2026",
            f"RE {tail},00 EUR",
            f"Auftrag Nr. {tail}",
            f"Kunden-Nr. {tail}",
            f"Lieferschein {one.number[-4:]}",
            f"Vertrag 2026-{tail}",
            f"PLZ {tail}1",
            f"Haus Nr. {tail}",
            f"Angebot {tail} vom 1.2.2026",
        ]
    )
    line = world.line(one, one.claim.open, text, counterparty="Gisela Unbekannt", iban="DE00999")
    return Labelled("decoy: other digits", line, {})


def amount_by_chance(world: World) -> Labelled:
    """A stranger or somebody for another reason pays an amount that is open somewhere."""
    one = world.some()
    text = world.chance.choice(["Kaution", "Miete November", "Anzahlung Auftrag", "Spende", "Danke", "Rückzahlung"])
    line = world.line(one, one.claim.open, text, counterparty="Gisela Unbekannt", iban="DE00999")
    return Labelled("decoy: amount by chance", line, {}, kind=Kind.NONE)


def deposit_of_customer(world: World) -> Labelled:
    """A customer pays a deposit for something new, by chance as much as he owes."""
    one = world.chance.choice([each for each in world.open if each.ibans])
    text = world.chance.choice(["Anzahlung Auftrag Bad", "Kaution Gerüst", "Vorkasse Angebot 4711", "Abschlag Dach"])
    return Labelled("decoy: deposit", world.line(one, one.claim.open, text), {})


def equal_names(world: World) -> Labelled:
    """One of two customers of the same name pays without a number, from an account nobody knows."""
    one = world.chance.choice([each for each in world.open if names_alike(world, each) > 1])
    line = world.line(one, one.claim.open, "Rechnung, Gruß Hans", iban="DE00111")
    return Labelled("decoy: equal names", line, {})


def equal_amounts(world: World) -> Labelled:
    """Two open invoices of one customer have the same amount and no number is given."""
    pairs = [each for each in world.open if not is_single_amount(world, each)]
    if not pairs:
        return amount_by_chance(world)
    one = world.chance.choice(pairs)
    return Labelled("decoy: equal amounts", world.line(one, one.claim.open, "Rechnung"), {})


def unknown_number(world: World) -> Labelled:
    """A number in our form that is none of ours, with an amount that would fit."""
    one = world.chance.choice([each for each in world.open if each.ibans])
    line = world.line(one, one.claim.open, f"Rechnung {one.number[:-2]}{world.chance.randrange(100, 999)}99")
    return Labelled("decoy: unknown number", line, {})


def too_much(world: World) -> Labelled:
    """More than is open."""
    one = world.some()
    line = world.line(one, one.claim.open + euro("17.30"), f"Rechnung {one.number}")
    return Labelled("overpayment", line, {}, kind=Kind.PROPOSAL)


def cut_for_defects(world: World) -> Labelled:
    """The customer keeps something back and says why."""
    one = world.some()
    paid = Money(to_cent(one.claim.open.amount * Decimal("0.7")))
    line = world.line(one, paid, f"Rechnung {one.number} abzüglich Minderung Fliesen")
    return Labelled("deduction with reason", line, {}, kind=Kind.PROPOSAL)


def other_currency(world: World) -> Labelled:
    """The right figure in the wrong currency."""
    one = world.some()
    line = world.line(one, Money(one.claim.open.amount, "CHF"), f"Rechnung {one.number}")
    return Labelled("decoy: other currency", line, {}, kind=Kind.PROPOSAL)


def twice(world: World) -> Labelled:
    """A paid invoice is paid again."""
    one = world.chance.choice(world.paid)
    line = world.line(one, one.gross, f"Rechnung {one.number}")
    return Labelled("double", line, {}, kind=Kind.DOUBLE)


def returned(world: World) -> Labelled:
    """A direct debit or payment comes back, with the bank's fee on top."""
    one = world.chance.choice(world.paid)
    fee = euro(world.chance.choice(["0.00", "3.00", "8.11"]))
    line = world.line(one, -(one.gross + fee), f"RÜCKLASTSCHRIFT {one.number}", return_reason="AC04")
    return Labelled("returned debit", line, {}, kind=Kind.RETURNED_DEBIT)


def outgoing(world: World) -> Labelled:
    """We pay something ourselves, even naming a number like ours."""
    one = world.some()
    line = world.line(one, -one.claim.open, f"Rechnung {one.number} Material")
    return Labelled("outgoing", line, {}, kind=Kind.NONE)


CLEAR: list[tuple[Scenario, int]] = [
    (paid_with_number, 40),
    (foreign_holder, 5),
    (by_reference, 8),
    (in_end_to_end, 4),
    (with_discount, 6),
    (few_cents, 6),
    (part_payment, 6),
    (several_at_once, 10),
    (tails_listed, 4),
    (number_without_prefix, 6),
    (no_number, 10),
    (by_customer_number, 5),
]
UNCLEAR: list[tuple[Scenario, int]] = [
    (typing_slip, 8),
    (letter_for_digit, 4),
    (longer_number, 10),
    (torn_number, 8),
    (date_or_amount_like_a_number, 12),
    (amount_by_chance, 6),
    (deposit_of_customer, 6),
    (equal_names, 4),
    (equal_amounts, 6),
    (unknown_number, 6),
    (with_late_discount, 4),
    (withholding, 4),
    (too_much, 4),
    (cut_for_defects, 4),
    (other_currency, 2),
    (twice, 4),
    (returned, 4),
    (outgoing, 3),
]


def labelled(numbering: str, seed: int = 1) -> tuple[KnownInvoices, list[Labelled]]:
    """One client's invoices and about 200 lines about them."""
    made = world(numbering, seed)
    return KnownInvoices(made.invoices), list(_lines(made))


def _lines(made: World) -> Iterator[Labelled]:
    for scenario, count in CLEAR + UNCLEAR:
        for _ in range(count):
            # Not every client has, say, an invoice with Skonto that has run out: such a case is left out then.
            with suppress(IndexError):
                yield scenario(made)
