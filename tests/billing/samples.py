"""Jobs, drafts and invoices of a made-up electrician, in order unless a test breaks them."""

from datetime import date
from decimal import Decimal

from billing.drafting import draft
from billing.invoices import Channel, Draft
from billing.jobs import Job, Line, Terms
from billing.parties import Address, Customer, CustomerKind

TODAY = date(2026, 11, 2)
ERIKA = Customer(
    external_id="c-1",
    name="Erika Beispiel",
    address=Address("Weg 1", "79100", "Freiburg"),
    kind=CustomerKind.CONSUMER,
    email="erika@beispiel.example",
    number="10307",
)
WORK = Line("Arbeitszeit", Decimal(2), "Stunde", Decimal("80.00"), Decimal(19))
CABLE = Line("Kabel", Decimal("12.5"), "Meter", Decimal("1.99"), Decimal(19))
NOTE = Line("Wie besprochen", is_text=True)
JOB = Job(
    source="lexware",
    external_id="dn-1",
    version="1",
    number="LS-1",
    customer=ERIKA,
    lines=(WORK, CABLE, NOTE),
    performed_from=date(2026, 10, 29),
    performed_until=date(2026, 10, 30),
    order_id="oc-1",
    order_number="AB-1",
    title="Rechnung",
)
TERMS = Terms(14)


def drafted(job: Job = JOB, marker: str = "RB-AAAA-BBBB-CCCC") -> Draft:
    """The draft for a job that is in order."""
    return draft(job, TERMS, Channel.MAIL, TODAY, marker)
