"""Drafts are kept as JSON: those from before a field existed still load."""

import json
from typing import Any

from pydantic import TypeAdapter

from billing.invoices import Draft, Kind, Payment
from billing.jobs import Job, References, Site
from tests.billing.legal_samples import big
from tests.billing.samples import JOB

DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)
LATER_FIELDS = {"kind", "preceding", "deductions", "charges", "references", "payment", "site", "exemption"}


def old(value: Any) -> Any:
    """JSON without the fields that came later."""
    later = LATER_FIELDS | {"surcharge_percent", "surcharge_reason", "is_labour", "reason", "paid"}
    later |= {"register_number", "electronic_address", "reverse_charge"}
    if isinstance(value, dict):
        return {key: old(item) for key, item in value.items() if key not in later}
    return [old(item) for item in value] if isinstance(value, list) else value


def test_a_draft_comes_back_as_it_was() -> None:
    """Written and read, a draft is the same."""
    assert DRAFT.validate_json(DRAFT.dump_json(big())) == big()


def test_an_old_draft_is_an_ordinary_invoice() -> None:
    """A row from before there were kinds is an invoice to be transferred, with nothing deducted."""
    read = DRAFT.validate_python(old(json.loads(DRAFT.dump_json(big()))))
    assert read == big()
    assert (read.kind, read.payment, read.references, read.site) == (
        Kind.INVOICE,
        Payment(),
        References(),
        Site.ELSEWHERE,
    )


def test_an_old_job_loads() -> None:
    """A job collected before there were charges loads as it was."""
    adapter: TypeAdapter[Job] = TypeAdapter(Job)
    assert adapter.validate_python(old(json.loads(adapter.dump_json(JOB)))) == JOB
