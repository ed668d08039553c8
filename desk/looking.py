"""`status`, `show`, `why`: what stands where, what became of an invoice, and for what reasons."""

from datetime import date
from typing import Any

from rich.markup import escape

from billing.dunning import decide
from connectors.rate import Usage
from desk import words
from desk.console import german, out, print_json, table
from ledger import invoices, journal, notices, overview, payments
from ledger.bodies import FACTS, POLICY, REASON, pack
from ledger.database import Ledger, Transaction
from ledger.tables import InvoiceRow

RECEIVABLE_COLUMNS = ("Rechnung", "Kunde", "fällig", "brutto", "offen", "Stand", "Stufe")
FIGURES = ("brutto", "offen", "Stufe")


def show_status(ledger: Ledger, names: list[str], today: date, usage: list[Usage], as_json: bool) -> None:
    """Counts per state, everything that needs a hand with its evidence, tasks, receivables, requests by purpose."""
    with ledger.reading() as session:
        counts = {name: overview.counts(session, name, today) for name in names}
        cases = overview.cases(session, names)
        tasks = overview.open_tasks(session, names)
        receivables = overview.receivables(session, names, today)
    if as_json:
        plain_tasks = [
            {"client": task.client, "title": task.title, "body": task.body, "owner": task.owner, "due_on": task.due_on}
            for task in tasks
        ]
        found = {"clients": counts, "cases": cases, "tasks": plain_tasks, "receivables": receivables, "usage": usage}
        print_json(found)
        return
    for name in names:
        out.print(escape(name), style="bold")
        for group, states in counts[name].items():
            told = ", ".join(f"{number} {words.STATES.get(state, state)}" for state, number in states.items())
            out.print(escape(f"  {words.GROUPS[group] + ':':<16}{told or 'keine'}"))
    table(
        "Forderungen",
        ("Mandant", *RECEIVABLE_COLUMNS),
        [(item.client, *receivable_cells(item)) for item in receivables],
        figures=FIGURES,
        cut=("Kunde",),
    )
    table(
        "Angehalten, abgelehnt, unbekannt",
        ("Mandant", "Stand", "Was", "Warum", "Beleg", "seit"),
        [
            (case.client, words.STATES[case.state], _subject(case), case.reason, case.evidence, case.since)
            for case in cases
        ],
        free=("Was", "Warum", "Beleg"),
    )
    table(
        "Aufgaben",
        ("Mandant", "Aufgabe", "Einzelheiten", "wer", "bis"),
        [(task.client, task.title, task.body, task.owner, task.due_on) for task in tasks],
        free=("Aufgabe", "Einzelheiten"),
    )
    table(
        "Anfragen heute",
        ("System", "Konto", "Zweck", "Zahl"),
        [
            (account.system, account.account, purpose, number)
            for account in usage
            for purpose, number in account.on(today).items()
        ],
        figures=("Zahl",),
    )


def receivable_cells(item: overview.Receivable) -> tuple[Any, ...]:
    """The cells of one receivable under `RECEIVABLE_COLUMNS`."""
    steps = item.notices + item.tasks
    return (
        item.number,
        item.customer,
        item.due_date,
        item.gross,
        item.open_amount,
        item.standing,
        steps or "",
    )


def show_invoice(ledger: Ledger, row: InvoiceRow, as_json: bool) -> None:
    """One invoice with its documents and everything that happened, oldest first."""
    with ledger.reading() as session:
        entries = journal.entries(session, row.id)
        papers = invoices.documents(session, row.id)
        facts = payments.history(session, row.id)
    if as_json:
        print_json(
            {
                "client": row.client,
                "number": row.number,
                "marker": row.marker,
                "customer": row.customer_name,
                "stage": row.stage,
                "gross": row.gross,
                "open_amount": row.open_amount,
                "due_date": row.due_date,
                "problems": row.problems,
                "documents": [
                    {"kind": kind, "name": paper.name, "sha256": paper.sha256} for kind, paper in papers.items()
                ],
                "payments": [{"open_amount": fact.open_amount, "read_at": fact.read_at} for fact in facts],
                "timeline": [{"at": entry.at, "event": entry.event, "facts": entry.facts} for entry in entries],
            }
        )
        return
    name = f"Rechnung {row.number}" if row.number else f"Entwurf {row.marker}"
    out.print(escape(f"{name} an {row.customer_name}, {german(row.gross)} EUR, offen {german(row.open_amount)} EUR"))
    for problem in row.problems:
        out.print(escape(f"Angehalten: {problem['message']}"))
    table(
        "Verlauf",
        ("wann", "was", "Einzelheiten"),
        [(e.at, words.event(e.event), words.facts(e.facts)) for e in entries],
        free=("Einzelheiten",),
    )
    table(
        "Belege",
        ("Art", "Name", "SHA-256"),
        [(kind, paper.name, paper.sha256) for kind, paper in papers.items()],
    )


def recompute(ledger: Ledger, row: InvoiceRow) -> bool:
    """Decide once more from the stored facts and policy; whether the same comes out as was kept."""
    with ledger.reading() as session:
        kept = notices.latest(session, row.id)
    if kept is None:
        out.print(escape(f"Über {row.number} wurde noch nicht entschieden."))
        return True
    again = decide(FACTS.validate_python(kept.facts), POLICY.validate_python(kept.policy), kept.day, kept.decided_at)
    same = (again.outcome, again.level) == (kept.outcome, kept.level)
    same = same and [pack(REASON, reason) for reason in again.reasons] == kept.reasons
    verdict = "ergeben dieselbe Entscheidung" if same else "ergeben heute eine andere Entscheidung"
    out.print(escape(f"Nachgerechnet: Die gespeicherten Tatsachen vom {german(kept.day)} {verdict}."))
    return same


def explain(ledger: Ledger, row: InvoiceRow, as_json: bool) -> None:
    """The last decision about reminding, with every reason for and against."""
    with ledger.reading() as session:
        decision = notices.latest(session, row.id)
    if as_json:
        print_json(_decision_as_dict(decision))
        return
    if decision is None:
        due = f"Sie wird am {german(row.check_on)} geprüft." if row.check_on else "Sie steht nicht zur Prüfung an."
        out.print(escape(f"Über {row.number} wurde noch nicht entschieden. {due}"))
        return
    verdicts = {
        "notice": f"Stufe {decision.level}: Es wurde erinnert.",
        "task": f"Stufe {decision.level}: Es wurde eine Aufgabe angelegt.",
        "nothing": "Es wurde nicht erinnert.",
    }
    out.print(escape(f"Rechnung {row.number}, Entscheidung vom {german(decision.decided_at)}: "), end="")
    out.print(escape(verdicts[decision.outcome]))
    for reason in decision.reasons:
        out.print(escape(f"  {'dafür' if reason['speaks_for'] else 'dagegen'}: {reason['text']}"))


def find_invoice(session: Transaction, name: str, client: str | None) -> list[InvoiceRow]:
    """The invoices that an operator may mean by a number or marker."""
    return invoices.find(session, name, client)


def _subject(case: overview.Case) -> str:
    return f"{words.EFFECTS[case.kind]}, {case.subject}" if case.kind in words.EFFECTS else case.subject


def _decision_as_dict(decision: Any) -> dict[str, Any]:
    if decision is None:
        return {"decision": None}
    names = ("day", "decided_at", "outcome", "level", "facts", "policy", "reasons")
    return {"decision": {name: getattr(decision, name) for name in names}}
