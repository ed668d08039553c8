"""What Lexware Office can say in an invoice and what not, and the texts that carry our marker."""

import re
from collections.abc import Iterator
from decimal import Decimal

from billing.invoices import Draft
from billing.jobs import Line, TaxCase
from connectors.limits import beyond_a_plain_invoice, decimals, odd_numbers

MAX_LINES = 300
TITLES = {"de": "Rechnung", "en": "Invoice"}
MARKER_LINES = {"de": "Vorgang {}", "en": "Reference {}"}
WITHOUT_CONTACT = frozenset({TaxCase.STANDARD, TaxCase.SMALL_BUSINESS, TaxCase.EXEMPT})
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def inexpressible(draft: Draft) -> Iterator[str]:
    """Every reason why Lexware Office cannot make exactly this invoice, as German sentences with the cure."""
    yield from beyond_a_plain_invoice(draft, "Lexware Office")
    yield from _in_head(draft)
    if len(draft.lines) > MAX_LINES:
        yield f"Die Rechnung hat {len(draft.lines)} Positionen, Lexware Office erlaubt {MAX_LINES}. Bitte aufteilen."
    for number, line in enumerate(draft.lines, start=1):
        yield from (f"Position {number}: {problem}" for problem in _in_line(line))


def title_of(draft: Draft) -> str:
    """The document's title, "Rechnung" unless the draft has its own."""
    return draft.title or TITLES.get(draft.customer.language, "")


def remark_of(draft: Draft) -> str:
    """The closing text with our marker as its last line."""
    line = MARKER_LINES.get(draft.customer.language, "{}").format(draft.marker)
    return f"{draft.remark}\n\n{line}" if draft.remark else line


def _in_head(draft: Draft) -> Iterator[str]:
    customer = draft.customer
    if draft.currency != "EUR":
        yield f"Lexware Office kennt nur EUR, nicht {draft.currency}."
    if customer.language not in TITLES:
        yield f"Lexware Office schreibt Rechnungen auf Deutsch oder Englisch, nicht „{customer.language}“."
    if customer.external_id and not UUID.fullmatch(customer.external_id):
        yield f"{customer.name} ist kein Kontakt in Lexware Office. Bitte dort anlegen und verknüpfen."
    if not customer.external_id and draft.tax_case not in WITHOUT_CONTACT:
        yield f"Steuerfreie Rechnungen dieser Art brauchen einen Kontakt in Lexware Office; {customer.name} ist keiner."
    if draft.discount.percent and draft.discount.amount:
        yield "Lexware Office kennt je Rechnung nur einen Rabatt: in Prozent oder als Betrag."
    early = draft.terms.early_payment
    skonto = early.percent if early else Decimal(0)
    if max(map(decimals, (draft.discount.percent, draft.discount.amount, skonto))) > 2:
        yield "Rabatt oder Skonto hat mehr als zwei Nachkommastellen."
    for word, text, limit in (
        ("Titel", title_of(draft), 25),
        ("Einleitung", draft.introduction, 2000),
        ("Schlusstext", remark_of(draft), 2000),
    ):
        if len(text) > limit:
            yield f"{word} ist länger als {limit} Zeichen. Bitte kürzen."


def _in_line(line: Line) -> Iterator[str]:
    if not line.name and not (line.is_text and line.description):
        yield "Die Bezeichnung fehlt."
    if len(line.name) > 255:
        yield "Die Bezeichnung ist länger als 255 Zeichen. Bitte kürzen."
    if len(line.description) > 2000:
        yield "Die Beschreibung ist länger als 2000 Zeichen. Bitte kürzen."
    if line.is_text:
        return
    if not line.unit:
        yield "Die Einheit fehlt, zum Beispiel Stunde oder Stück."
    yield from odd_numbers(line)
