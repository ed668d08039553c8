"""sevDesk's invoice numbers where we build them ourselves: nothing is reserved, so two programs may take the same."""

from billing.invoices import Draft
from connectors.errors import CannotExpress, Conflict
from connectors.http import HttpClient
from connectors.paging import settled
from connectors.sevdesk_answers import object_in
from connectors.sevdesk_records import rows


def next_number(http: HttpClient, draft: Draft) -> str:
    """The next number of the range for invoices, by sevDesk's template."""
    answer = http.get("/SevSequence/Factory/getByType", "number", {"objectType": "Invoice", "type": "RE"})
    sequence = object_in(answer, "Nummernkreis")
    return expanded(sequence.text("format"), sequence.text("nextSequence"), draft)


def check_alone(http: HttpClient, number: str, external_id: str) -> None:
    """Raise `Conflict` when another invoice than this one has the number: two programs may have taken it."""
    found = settled(rows(http, "/Invoice", "number", {"showAll": "true", "invoiceNumber": number}))
    if any(row.text_or("invoiceNumber") == number and row.text("id") != external_id for row in found):
        raise Conflict(f"Die Nummer {number} gibt es in sevDesk schon. Bitte am Entwurf eine andere eintragen.")


def expanded(template: str, number: str, draft: Draft) -> str:
    """A number out of a template such as RE-%YYYY-%MM-%NUMBER. Raises `CannotExpress` for a piece we do not know."""
    pieces = {
        "%YYYY": f"{draft.issue_date:%Y}",
        "%YY": f"{draft.issue_date:%y}",
        "%MM": f"{draft.issue_date:%m}",
        "%DD": f"{draft.issue_date:%d}",
        "%NUMBER": number,
    }
    for piece, text in pieces.items():
        template = template.replace(piece, text)
    if "%" in template or not number:
        raise CannotExpress(f"Der Nummernkreis in sevDesk ist nicht verständlich: {template}. Bitte dort vereinfachen.")
    return template
