"""Which invoices a bank line pays: certain, a proposal, or nothing, each with its reasons. Nothing is guessed.

Certain means that number, amount and payer leave one reading only; that alone may book itself. Whatever could be read
in two ways is a proposal that a person confirms.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from billing.allocation import NOTHING, Claim, Distribution, Settlement, Share, allocate
from billing.bank import BankLine
from billing.mentions import Mentions, NumberIndex, Strength
from billing.money import Money, total
from billing.names import NameIndex, folded

RETURNED_WORDS = frozenset(
    {"RUCKLASTSCHRIFT", "RETOURE", "RUCKGABE", "RUCKBUCHUNG", "RUCKUBERWEISUNG", "STORNOBUCHUNG"}
)
OTHER_PURPOSES = frozenset(
    {"ABSCHLAG", "ANZAHLUNG", "AUSLAGE", "AUSLAGEN", "DARLEHEN", "ERSTATTUNG", "GUTSCHRIFT", "GUTHABEN", "KAUTION"}
    | {"MIETE", "RATE", "RUCKZAHLUNG", "SPENDE", "TEILZAHLUNG", "TRINKGELD", "VORKASSE", "VORSCHUSS"}
)
DEDUCTION_WORDS = frozenset(
    {"ABZGL", "ABZUG", "ABZUGLICH", "EINBEHALT", "GEKURZT", "KURZUNG", "MANGEL", "MINDERUNG", "REKLAMATION", "STRITTIG"}
)


class Kind(StrEnum):
    """What a bank line is to the open invoices."""

    CERTAIN = "certain"
    PROPOSAL = "proposal"
    NONE = "none"
    RETURNED_DEBIT = "returned_debit"
    DOUBLE = "double"


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An issued invoice as matching needs it; recently paid ones come along with nothing open, to recognise doubles.

    `gross` is its full amount, `ibans` the accounts from which this customer is known to pay.
    """

    claim: Claim
    gross: Money
    customer_number: str = ""
    customer_name: str = ""
    ibans: frozenset[str] = frozenset()

    @property
    def number(self) -> str:
        """The invoice number (BT-1)."""
        return self.claim.number

    @property
    def customer(self) -> str:
        """What tells customers apart: the number, where there is none the name."""
        return self.customer_number or self.customer_name

    @property
    def is_paid(self) -> bool:
        """Whether nothing is open any more."""
        return not self.claim.open


@dataclass(frozen=True, slots=True)
class Match:
    """What a bank line means. `shares` and `surplus` add up to what came in; for a returned debit the shares are
    negative; reasons are German sentences."""

    kind: Kind
    shares: tuple[Share, ...] = ()
    surplus: Money = NOTHING
    reasons: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The invoices concerned."""
        return tuple(share.number for share in self.shares)


class KnownInvoices:
    """Open and recently paid invoices of one client, prepared for many lines; never changes.

    Raises `ValueError` if a number occurs twice or an invoice is not in euro.
    """

    def __init__(self, invoices: Iterable[OpenInvoice]) -> None:
        listed = tuple(invoices)
        self.by_number = {invoice.number: invoice for invoice in listed}
        if len(self.by_number) < len(listed):
            raise ValueError("an invoice number occurs twice")
        if any({each.gross.currency, each.claim.principal.currency} != {NOTHING.currency} for each in listed):
            raise ValueError("only invoices in euro can be matched")
        self._by_customer: dict[str, list[OpenInvoice]] = defaultdict(list)
        self._by_iban: dict[str, set[str]] = defaultdict(set)
        for invoice in self.by_number.values():
            self._learn(invoice)
        self.numbers = NumberIndex(self.by_number, {invoice.customer_number for invoice in listed})
        self.names = NameIndex({invoice.customer: invoice.customer_name for invoice in listed})

    def _learn(self, invoice: OpenInvoice) -> None:
        self._by_customer[invoice.customer].append(invoice)
        for iban in invoice.ibans:
            self._by_iban[iban].add(invoice.customer)

    def with_changed(self, changed: Iterable[OpenInvoice]) -> "KnownInvoices":
        """The same invoices after something was booked on some of them; what numbers and names mean stays as it was."""
        copy = object.__new__(KnownInvoices)
        copy.numbers, copy.names = self.numbers, self.names
        copy.by_number, copy._by_customer, copy._by_iban = dict(self.by_number), defaultdict(list), defaultdict(set)
        copy._by_customer |= self._by_customer
        copy._by_iban |= self._by_iban
        for invoice in changed:
            copy.by_number[invoice.number] = invoice
            others = [each for each in self._by_customer[invoice.customer] if each.number != invoice.number]
            copy._by_customer[invoice.customer] = [*others, invoice]
            for iban in invoice.ibans:
                copy._by_iban[iban] = copy._by_iban[iban] | {invoice.customer}
        return copy

    def open_of(self, customer: str) -> list[OpenInvoice]:
        """The customer's open invoices."""
        return [invoice for invoice in self._by_customer.get(customer, ()) if not invoice.is_paid]

    def by_iban(self, iban: str) -> frozenset[str]:
        """The customers known to pay from an account; several if it belongs to somebody who pays for others."""
        return frozenset(self._by_iban.get(iban, ()))


@dataclass(frozen=True, slots=True)
class _Clues:
    """What a line says about who pays what."""

    mentions: Mentions
    by_iban: frozenset[str]
    by_name: frozenset[str]

    @property
    def named(self) -> dict[str, Strength]:
        """Invoices named well enough to be told apart from all others."""
        return {number: how for number, how in self.mentions.invoices.items() if how > Strength.WEAK}

    @property
    def weak(self) -> list[str]:
        return [number for number, how in self.mentions.invoices.items() if how is Strength.WEAK]

    def supports(self, customer: str) -> bool:
        """Whether account, account holder or customer number speak for this customer."""
        return customer in self.by_iban | self.by_name | self.mentions.customers


def match(line: BankLine, known: KnownInvoices, tolerance: Money = NOTHING, laender: Iterable[str] = ()) -> Match:
    """Say what a booked line pays. `tolerance` is the difference the client lets pass, `laender` moves Skonto terms."""
    if line.amount.currency != NOTHING.currency:
        return _in_other_money(line, known)
    if line.amount.amount <= 0:
        return _outgoing(line, known)
    if line.return_reason:
        text = f"Eine eigene Zahlung kam zurück ({line.return_reason})."
        return Match(Kind.PROPOSAL, (), line.amount, (text,))
    clues = _clues(line, known)
    if not clues.mentions.invoices:
        return _without_number(line, known, clues, tolerance, tuple(laender))
    named = [known.by_number[number] for number in clues.mentions.invoices]
    open_ones = [invoice for invoice in named if not invoice.is_paid]
    if not open_ones:
        return _paid_already(line, named, clues)
    claims = [invoice.claim for invoice in open_ones]
    found = allocate(line.amount, line.received_on, claims, [claim.number for claim in claims], tolerance, laender)
    doubts = _doubts(line, known, clues, open_ones, found)
    if len(open_ones) < len(named):
        doubts.append("Auch eine schon bezahlte Rechnung ist genannt: doppelt gezahlt?")
    notes = _notes(line, clues, open_ones)
    kind = Kind.PROPOSAL if doubts else Kind.CERTAIN
    return Match(kind, found.shares, found.surplus, (*_named_reasons(clues), *found.reasons, *notes, *doubts))


def _in_other_money(line: BankLine, known: KnownInvoices) -> Match:
    text = f"Gezahlt wurde in {line.amount.currency}, unsere Rechnungen lauten auf Euro."
    kind = Kind.PROPOSAL if _clues(line, known).mentions.invoices else Kind.NONE
    return Match(kind, (), line.amount, (text,))


def _clues(line: BankLine, known: KnownInvoices) -> _Clues:
    said = known.numbers.find(line.purpose)
    # The payer's own reference is mostly a running number of his program: only a whole invoice number counts there.
    referred = known.numbers.find(line.end_to_end_id)
    full = {number: how for number, how in referred.invoices.items() if how is Strength.FULL}
    unknown = said.unknown + referred.unknown
    if line.creditor_reference:
        number = known.numbers.by_reference(line.creditor_reference)
        full |= {number: Strength.FULL} if number else {}
        unknown += () if number else (line.creditor_reference,)
    mentions = Mentions(said.invoices | full, said.customers, unknown, said.digits)
    customers = known.by_iban(line.iban) if line.iban else frozenset()
    return _Clues(mentions, customers, known.names.find(line.counterparty))


def _doubts(
    line: BankLine, known: KnownInvoices, clues: _Clues, named: list[OpenInvoice], found: Distribution
) -> list[str]:
    """Everything that speaks against booking without asking."""
    doubts = []
    if clues.weak:
        doubts.append(f"Nicht eindeutig zu lesen: {', '.join(sorted(clues.weak))}.")
    if clues.mentions.unknown:
        doubts.append(f"Außerdem genannt, aber hier nicht bekannt: {', '.join(clues.mentions.unknown)}.")
    if found.settlement.needs_person:
        doubts.append("Über die Differenz muss jemand entscheiden.")
    customers = {invoice.customer for invoice in named}
    is_supported = all(clues.supports(customer) for customer in customers)
    is_partial = any(how < Strength.FULL for how in clues.named.values())
    if not is_supported and (is_partial or not found.settlement.is_exact):
        doubts.append("Weder Konto noch Name noch Kundennummer bestätigen den Kunden.")
    if len(customers) > 1 and not found.settlement.is_exact:
        doubts.append("Die genannten Rechnungen gehören verschiedenen Kunden.")
    if found.settlement is Settlement.PART:
        doubts += _doubts_of_part(line, named)
    doubts += _better_fits(line, known, clues, named, found)
    return doubts


def _doubts_of_part(line: BankLine, named: list[OpenInvoice]) -> list[str]:
    doubts = []
    if len(named) > 1:
        doubts.append("Der Betrag reicht nicht für alle genannten Rechnungen.")
    if found := _purpose_words(line) & DEDUCTION_WORDS:
        doubts.append(f"Der Kunde begründet einen Abzug ({', '.join(sorted(found)).lower()}).")
    return doubts


def _better_fits(
    line: BankLine, known: KnownInvoices, clues: _Clues, named: list[OpenInvoice], found: Distribution
) -> list[str]:
    """Other open invoices the amount fits exactly: of another customer who seems to pay, or of the same one instead."""
    customers = {invoice.customer for invoice in named}
    others = (clues.by_iban | clues.by_name | clues.mentions.customers) - customers
    seeming = others if not all(clues.supports(customer) for customer in customers) else frozenset()
    if not found.settlement.is_exact:
        seeming |= customers
    numbers = {invoice.number for invoice in named}
    fitting = sorted(
        invoice.number
        for customer in seeming
        for invoice in known.open_of(customer)
        if invoice.number not in numbers and line.amount in (invoice.claim.open, invoice.claim.principal)
    )
    return [f"Der Betrag passt genau zu {', '.join(fitting)}: Nummer verwechselt?"] if fitting else []


def _notes(line: BankLine, clues: _Clues, named: list[OpenInvoice]) -> list[str]:
    if all(clues.supports(invoice.customer) for invoice in named):
        return []
    holder = line.counterparty or "unbekannt"
    return [f"Kontoinhaber ist {holder}, der Kunde heißt {named[0].customer_name}."]


def _named_reasons(clues: _Clues) -> list[str]:
    texts = {
        Strength.FULL: "Rechnungsnummer {} genannt.",
        Strength.PARTIAL: "Rechnungsnummer {} verkürzt oder umbrochen genannt.",
        Strength.WEAK: "Vielleicht ist {} gemeint.",
    }
    return [texts[how].format(number) for number, how in sorted(clues.mentions.invoices.items())]


def _paid_already(line: BankLine, named: list[OpenInvoice], clues: _Clues) -> Match:
    reasons = _named_reasons(clues)
    expected = total((invoice.gross for invoice in named), line.amount.currency)
    if clues.weak or line.amount != expected:
        text = "Die genannte Rechnung ist schon bezahlt und der Betrag passt nicht zu ihr."
        return Match(Kind.PROPOSAL, (), line.amount, (*reasons, text))
    text = "Die Rechnung ist schon bezahlt, derselbe Betrag kam noch einmal: erstatten oder verrechnen."
    return Match(Kind.DOUBLE, tuple(Share(invoice.number) for invoice in named), line.amount, (*reasons, text))


def _without_number(
    line: BankLine, known: KnownInvoices, clues: _Clues, tolerance: Money, laender: tuple[str, ...]
) -> Match:
    """No invoice is named: account, customer number or name must lead to one customer, the amount to one invoice."""
    customers = _payers(clues)
    candidates = [invoice for customer in sorted(customers) for invoice in known.open_of(customer)]
    fitting = [invoice for invoice in candidates if _fits(line, invoice, laender)]
    if len(fitting) == 1 and len(customers) == 1:
        return _by_amount(line, clues, fitting[0], tolerance, laender)
    if fitting:
        text = f"Der Betrag passt zu {', '.join(invoice.number for invoice in fitting)}; genannt ist keine."
        return Match(Kind.PROPOSAL, (), line.amount, (text,))
    if len(customers) == 1 and candidates:
        found = allocate(line.amount, line.received_on, [each.claim for each in candidates], (), tolerance, laender)
        text = "Der Zahler ist bekannt, eine Rechnung nicht genannt."
        return Match(Kind.PROPOSAL, found.shares, found.surplus, (text, *found.reasons))
    return Match(Kind.NONE, (), line.amount, ("Weder Rechnung noch Zahler sind zu erkennen.",))


def _payers(clues: _Clues) -> frozenset[str]:
    """Who seems to pay: those for whom most kinds of evidence speak."""
    evidence = [found for found in (clues.mentions.customers, clues.by_iban, clues.by_name) if found]
    if not evidence:
        return frozenset()
    return frozenset.intersection(*evidence) or frozenset.union(*evidence)


def _fits(line: BankLine, invoice: OpenInvoice, laender: tuple[str, ...]) -> bool:
    found = allocate(line.amount, line.received_on, [invoice.claim], [invoice.number], NOTHING, laender)
    return found.settlement.is_exact


def _by_amount(
    line: BankLine, clues: _Clues, invoice: OpenInvoice, tolerance: Money, laender: tuple[str, ...]
) -> Match:
    found = allocate(line.amount, line.received_on, [invoice.claim], [invoice.number], tolerance, laender)
    doubts = []
    kinds = (clues.mentions.customers, clues.by_iban, clues.by_name)
    if sum(evidence == {invoice.customer} for evidence in kinds) < 2:
        doubts.append("Nur ein Merkmal weist auf den Kunden hin.")
    if any(evidence and invoice.customer not in evidence for evidence in kinds):
        doubts.append("Ein Merkmal weist auf einen anderen Kunden hin.")
    if others := clues.mentions.unknown + clues.mentions.digits:
        doubts.append(f"Im Verwendungszweck steht noch: {', '.join(others)}.")
    if _purpose_words(line) & OTHER_PURPOSES:
        doubts.append("Der Verwendungszweck spricht für etwas anderes als eine Rechnung.")
    if found.settlement is Settlement.DISCOUNTED:
        doubts.append("Skonto ohne Rechnungsnummer.")
    texts = (f"Zahler und Betrag passen genau zu {invoice.number} und zu keiner anderen offenen Rechnung.", *doubts)
    return Match(Kind.PROPOSAL if doubts else Kind.CERTAIN, found.shares, found.surplus, (*texts, *found.reasons))


def _outgoing(line: BankLine, known: KnownInvoices) -> Match:
    if not line.return_reason and not _purpose_words(line) & RETURNED_WORDS:
        return Match(Kind.NONE, (), line.amount, ("Kein Zahlungseingang.",))
    clues = _clues(line, known)
    reason = f" ({line.return_reason})" if line.return_reason else ""
    text = f"Eine Zahlung wurde zurückgegeben{reason}; die Rechnung ist wieder offen, Mahnungen warten auf Klärung."
    named = [known.by_number[number] for number in clues.named]
    if len(named) != 1 or clues.weak:
        return Match(Kind.RETURNED_DEBIT, (), line.amount, (text, "Welche Rechnung es betrifft, ist nicht eindeutig."))
    returned = min(-line.amount, named[0].gross)
    share = Share(named[0].number, principal=-returned)
    fees = line.amount + returned
    notes = (f"Darin {-fees} mehr als der Rechnungsbetrag, vermutlich Bankgebühren.",) if fees else ()
    return Match(Kind.RETURNED_DEBIT, (share,), fees, (text, *_named_reasons(clues), *notes))


def _purpose_words(line: BankLine) -> frozenset[str]:
    return frozenset(folded(line.purpose).replace("-", " ").replace(".", " ").replace(":", " ").split())
