"""From a finished job to a draft invoice, or to the full list of what is missing (§ 14 (4) UStG)."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.invoices import Channel, Draft, Kind
from billing.jobs import Job, TaxCase, Terms
from billing.money import in_german
from billing.parties import Customer
from billing.vat import totals

VAT_RATES = frozenset({Decimal(0), Decimal(7), Decimal(19)})
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_MAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why something cannot go on: a stable code, and a German sentence with the cure for the owner."""

    code: str
    message: str


class CannotDraft(ValueError):
    """The job cannot become an invoice as it is; `problems` says everything that must change."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def draft(job: Job, default_terms: Terms, channel: Channel, issue_date: date, marker: str) -> Draft:
    """The draft invoice for a job. Raises `CannotDraft` naming every problem, never only the first.

    The job's own terms win over the client's `default_terms`.
    """
    customer = job.customer
    problems = (*_billed_problems(job), *_customer_problems(job, channel), *_line_problems(job))
    if problems or customer is None:
        raise CannotDraft(problems)
    return Draft(
        marker=marker,
        customer=customer,
        lines=job.lines,
        totals=totals(job.lines, job.price_mode, job.discount, job.charges),
        terms=job.terms or default_terms,
        issue_date=issue_date,
        performed_from=job.performed_from,
        performed_until=job.performed_until,
        channel=channel,
        price_mode=job.price_mode,
        tax_case=job.tax_case,
        discount=job.discount,
        source_id=job.external_id,
        order_id=job.order_id,
        order_number=job.order_number,
        title=job.title,
        introduction=job.introduction,
        remark=job.remark,
        currency=job.currency,
        charges=job.charges,
        references=job.references,
        site=job.site,
        exemption=job.exemption,
        kind=Kind.COLLECTIVE if job.is_collective else Kind.INVOICE,
        timesheet=job.timesheet,
    )


def is_plain_mail_address(text: str) -> bool:
    """Whether `text` is one ordinary address that all mail programs read alike (RFC 5321 dot-string, ASCII)."""
    return len(text) <= 254 and _PLAIN_MAIL.fullmatch(text) is not None


def _billed_problems(job: Job) -> list[Problem]:
    if not job.invoiced_as:
        return []
    numbers = ", ".join(job.invoiced_as)
    cure = "Bitte prüfen, damit nichts doppelt berechnet wird."
    return [Problem("already-invoiced", f"Zu Auftrag {job.number} gibt es schon die Rechnung {numbers}. {cure}")]


def _customer_problems(job: Job, channel: Channel) -> list[Problem]:
    if job.customer is None or not job.customer.name.strip():
        return [
            Problem("no-customer", f"Auftrag {job.number} hat keinen Kunden. Bitte im Beleg einen Kunden eintragen.")
        ]
    found = []
    customer = job.customer
    if not customer.address.is_complete:
        found.append(
            Problem(
                "no-address",
                f"{customer.name} hat keine vollständige Anschrift (Straße, PLZ, Ort; § 14 Abs. 4 Nr. 1 UStG)."
                " Bitte beim Kunden ergänzen.",
            )
        )
    if channel is Channel.MAIL:
        found.extend(_mail_problems(customer))
    return found


def _mail_problems(customer: Customer) -> list[Problem]:
    if not customer.email:
        cure = "Bitte beim Kunden eine E-Mail-Adresse hinterlegen oder den Versandweg ändern."
        return [Problem("no-mail-address", f"{customer.name} hat keine E-Mail-Adresse. {cure}")]
    if not is_plain_mail_address(customer.email):
        return [
            Problem(
                "bad-mail-address",
                f"Die E-Mail-Adresse {customer.email!r} von {customer.name} ist ungültig. Bitte berichtigen.",
            )
        ]
    return []


def _line_problems(job: Job) -> list[Problem]:
    found = [problem for line in job.lines if not line.is_text for problem in _rate_problems(job, line.vat_rate)]
    found = list(dict.fromkeys(found)) or _amount_problems(job)
    if job.currency != "EUR":
        found.append(Problem("currency", f"Auftrag {job.number} ist in {job.currency}; möglich ist nur EUR."))
    return found


def _amount_problems(job: Job) -> list[Problem]:
    if all(line.is_text for line in job.lines):
        return [Problem("no-lines", f"Auftrag {job.number} hat keine Positionen mit Preis. Bitte Positionen ergänzen.")]
    gross = totals(job.lines, job.price_mode, job.discount, job.charges).gross
    if gross > 0:
        return []
    cure = "eine Rechnung braucht einen Betrag über null. Bitte Mengen, Preise und Rabatt prüfen."
    return [Problem("no-amount", f"Auftrag {job.number} ergibt {in_german(gross, job.currency)}; {cure}")]


def _rate_problems(job: Job, rate: Decimal) -> list[Problem]:
    if job.tax_case is not TaxCase.STANDARD:
        if rate == 0:
            return []
        return [
            Problem(
                "vat-shown",
                f"Auftrag {job.number} ist steuerfrei, zeigt aber {rate} % Umsatzsteuer (§ 14c UStG). Bitte prüfen.",
            )
        ]
    if rate in VAT_RATES:
        return []
    return [Problem("vat-rate", f"Auftrag {job.number} nennt den Steuersatz {rate} %; es gibt nur 0, 7 und 19 %.")]
