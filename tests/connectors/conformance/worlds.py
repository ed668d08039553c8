"""A small business at each system's stand-in: how to get customers, finished jobs, payments and cancellations there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from billing.invoices import Draft
from connectors import lexoffice, sevdesk
from tests.connectors.conftest import lexoffice_settings, sevdesk_settings
from tests.connectors.drafts import contact_at, draft_for, finished_order
from tests.connectors.sevdesk_world import accepted_order, by_hand, contact_in, draft_in
from tests.sandbox.running import Stage


@dataclass(frozen=True)
class World:
    """One system at the stage. `create_path` and its like are where its writes go, for ordering faults."""

    connect: Callable[..., Any]
    draft: Callable[[Stage], Draft]
    finish_job: Callable[[Stage], str]
    pay: Callable[[Stage, str, str | None], object]
    void: Callable[[Stage, str], object]
    create_path: str
    issue_path: str = ""
    cancel_path: str = ""
    missing_id: str = "99999999"


def _office(stage: Stage, **changes: Any) -> lexoffice.Lexoffice:
    return lexoffice.connect(lexoffice_settings(stage, **changes), sleep=lambda seconds: None)


def _account(stage: Stage, **changes: Any) -> sevdesk.Sevdesk:
    return sevdesk.connect(sevdesk_settings(stage, **changes), sleep=lambda seconds: None)


def _pay_lexoffice(stage: Stage, invoice_id: str, amount: str | None) -> object:
    return stage.control("payments", {"voucherId": invoice_id} | ({"amount": amount} if amount else {}))


def _pay_sevdesk(stage: Stage, invoice_id: str, amount: str | None) -> object:
    return stage.control("sevdesk/payments", {"invoice_id": int(invoice_id)} | ({"amount": amount} if amount else {}))


WORLDS: Mapping[str, World] = {
    "lexoffice": World(
        connect=_office,
        draft=lambda stage: draft_for(contact_at(stage)),
        finish_job=lambda stage: finished_order(stage)[1],
        pay=_pay_lexoffice,
        void=lambda stage, invoice_id: stage.control("actions/void", {"id": invoice_id}),
        create_path="invoices",
        missing_id="00000000-0000-4000-8000-000000000000",
    ),
    "sevdesk": World(
        connect=_account,
        draft=draft_in,
        finish_job=lambda stage: accepted_order(stage, contact_in(stage).external_id),
        pay=_pay_sevdesk,
        void=lambda stage, invoice_id: by_hand(stage, "cancel", invoice_id),
        create_path="saveInvoice",
        issue_path="sendBy",
        cancel_path="cancelInvoice",
    ),
}
