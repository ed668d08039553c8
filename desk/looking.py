"""`show`, `why`: what became of an invoice, and for what reasons."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.markup import escape

from billing.dunning import decide
from desk import words
from desk.console import german, out, print_json, table
from ledger import forms, invoices, journal, notices, payments
from ledger.bodies import FACTS, POLICY, REASON, pack
from ledger.claims import Circumstances
from ledger.database import Ledger, Transaction
from ledger.receivables import Receivable, receivables_of
from ledger.tables import DecisionRow, DocumentRow, FormRow, InvoiceRow, JournalRow, PaymentRow

RECEIVABLE_COLUMNS = ("Rechnung", "Kunde", "fällig", "brutto", "offen", "Stand", "seit", "Stufe")
FIGURES = ("brutto", "offen", "Stufe")


def receivable_cells(item: Receivable) -> tuple[Any, ...]:
    """The cells of one receivable under `RECEIVABLE_COLUMNS`."""
    steps = item.notices + item.tasks
    return (
        item.number,
        item.customer,
        item.due_date,
        item.gross,
        item.open_amount,
        item.standing,
        item.since,
        steps or "",
    )


def show_invoice(ledger: Ledger, row: InvoiceRow, as_json: bool) -> None:
    """One invoice with its documents and everything that happened, oldest first."""
    with ledger.reading() as session:
        entries = journal.entries(session, row.id)
        papers = invoices.documents(session, row.id)
        facts = payments.history(session, row.id)
        form = forms.of(session, row.id)
    if as_json:
        print_json(_invoice_as_dict(row, entries, papers, facts, form))
        return
    name = f"Rechnung {row.number}" if row.number else f"Entwurf {row.marker}"
    out.print(escape(f"{name} an {row.customer_name}, {german(row.gross)} EUR, offen {german(row.open_amount)} EUR"))
    for problem in row.problems:
        out.print(escape(f"Angehalten: {problem['message']}"))
    if form:
        out.print(escape(_in_words(form)))
    history = [(each.at, words.event(each.event), _told(each)) for each in entries]
    table("Verlauf", ("wann", "was", "Einzelheiten"), history, free=("Einzelheiten",))
    listed = [(words.paper(kind), paper.name, paper.template_version, paper.sha256) for kind, paper in papers.items()]
    table("Belege", ("Art", "Name", "Vorlage", "SHA-256"), listed)


def recompute(ledger: Ledger, row: InvoiceRow) -> bool | None:
    """Decide once more from the stored facts and policy; whether the same comes out, None if nothing was decided."""
    with ledger.reading() as session:
        kept = notices.latest(session, row.id)
    if kept is None:
        return None
    again = decide(FACTS.validate_python(kept.facts), POLICY.validate_python(kept.policy), kept.day, kept.decided_at)
    same = (again.outcome, again.level) == (kept.outcome, kept.level)
    return same and [pack(REASON, reason) for reason in again.reasons] == kept.reasons


def explain(
    ledger: Ledger,
    row: InvoiceRow,
    around: Circumstances,
    today: date,
    is_same_again: bool | None,
    as_json: bool,
) -> None:
    """Where the invoice stands, why it has its form, and the last decision about reminding with every reason.

    `is_same_again` is what `recompute` found, None where nobody asked it.
    """
    with ledger.reading() as session:
        decision = notices.latest(session, row.id)
        form = forms.of(session, row.id)
        stand = receivables_of(session, [row], around, today)[0] if row.number else None
    if as_json:
        known = {"standing": stand, **_decision_as_dict(decision), "form": _form_as_dict(form)}
        print_json({**known, "is_same_again": is_same_again})
        return
    if stand:
        since = f" seit {german(stand.since)}" if stand.since else ""
        out.print(escape(f"Rechnung {row.number} ist {stand.standing}{since}: {stand.fact}"))
    if form:
        out.print(escape(_in_words(form)))
    if decision is None:
        due = f"Sie wird am {german(row.check_on)} geprüft." if row.check_on else "Sie steht nicht zur Prüfung an."
        out.print(escape(f"Über {row.number} wurde noch nicht entschieden. {due}"))
        return
    _explain_decision(decision)
    if is_same_again is not None:
        verdict = "ergeben dieselbe Entscheidung" if is_same_again else "ergeben heute eine andere Entscheidung"
        out.print(escape(f"Nachgerechnet: Die gespeicherten Tatsachen vom {german(decision.day)} {verdict}."))


def _explain_decision(decision: DecisionRow) -> None:
    verdicts = {
        "notice": f"Stufe {decision.level}: Es wurde erinnert.",
        "task": f"Stufe {decision.level}: Es wurde eine Aufgabe angelegt.",
        "nothing": "Es wurde nicht erinnert.",
    }
    out.print(escape(f"Entscheidung vom {german(decision.decided_at)}: "), end="")
    out.print(escape(verdicts[decision.outcome]))
    for reason in decision.reasons:
        out.print(escape(f"  {'dafür' if reason['speaks_for'] else 'dagegen'}: {reason['text']}"))
    if not decision.policy.get("origin"):
        out.print("Es gelten die Mahnregeln, die der Mandant für alle Kunden gesetzt hat.")


def find_invoice(session: Transaction, name: str, client: str | None) -> list[InvoiceRow]:
    """The invoices that an operator may mean by a number or marker."""
    return invoices.find(session, name, client)


def _invoice_as_dict(
    row: InvoiceRow,
    entries: Sequence[JournalRow],
    papers: Mapping[str, DocumentRow],
    facts: Sequence[PaymentRow],
    form: FormRow | None,
) -> dict[str, Any]:
    names = ("client", "number", "marker", "stage", "gross", "open_amount", "due_date", "problems")
    described = ("name", "sha256", "template_version")
    return {
        **{name: getattr(row, name) for name in names},
        "customer": row.customer_name,
        "form": _form_as_dict(form),
        "documents": [
            {"kind": kind} | {name: getattr(paper, name) for name in described} for kind, paper in papers.items()
        ],
        "payments": [{"open_amount": fact.open_amount, "read_at": fact.read_at} for fact in facts],
        "timeline": [{"at": entry.at, "event": entry.event, "facts": entry.facts} for entry in entries],
    }


def _told(entry: JournalRow) -> str:
    """What an entry knows; the reasons of a decision are codes there, and sentences in `why`."""
    hidden = {"reasons"} if entry.event.startswith("dunning decided") else set()
    return words.facts({name: value for name, value in entry.facts.items() if name not in hidden})


def _in_words(form: FormRow) -> str:
    duty = "Pflicht" if form.is_compulsory else "keine Pflicht"
    return f"Form: {words.FORMS[form.form]} ({duty}). {form.reason}"


def _form_as_dict(form: FormRow | None) -> dict[str, Any] | None:
    if form is None:
        return None
    names = ("form", "is_compulsory", "table_row", "reason", "decided_at")
    return {name: getattr(form, name) for name in names}


def _decision_as_dict(decision: Any) -> dict[str, Any]:
    if decision is None:
        return {"decision": None}
    names = ("day", "decided_at", "outcome", "level", "facts", "policy", "reasons")
    return {"decision": {name: getattr(decision, name) for name in names}}
