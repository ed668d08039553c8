"""The client's file in the words of the rules, and the example that ships with the product."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from billing.dunning_policy import Action, Level
from billing.einvoice_duty import Form
from billing.invoices import Channel, Payment, PaymentMeans
from billing.jobs import EarlyPayment, Terms
from billing.parties import Address, Certificate, Customer, CustomerKind
from config.client import (
    Client,
    channel_for,
    exception_for,
    policies_of,
    policy_of,
    seller_of,
    terms_of,
    with_exceptions,
    xrechnung_for,
)
from config.customers import payment_by
from config.loading import LoadedClient, load_client

from .conftest import SOMMER

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "clients" / "beispiel.yaml"


@pytest.fixture
def example() -> LoadedClient:
    """The example that ships with the product."""
    found = load_client(EXAMPLE)
    assert isinstance(found, LoadedClient), "\n".join(map(str, found))
    return found


def test_example_loads_without_secrets(example: LoadedClient) -> None:
    """The example is in order and at rest, although nobody has its secrets."""
    assert not example.config.active
    assert example.hints == ()


def test_example_explains_every_name(example: LoadedClient) -> None:
    """Every name that a client's file may hold stands in the example."""
    text = EXAMPLE.read_text("utf-8")
    assert [name for name in _names(Client) if not re.search(rf"^\s*(- )?{name}:", text, re.MULTILINE)] == []


def test_every_field_is_described() -> None:
    """Every field says in German what it is for."""
    assert [name for name, description in _descriptions(Client) if not description] == []


def test_client_cannot_change(example: LoadedClient) -> None:
    """A client's configuration is read-only."""
    with pytest.raises(ValidationError):
        example.config.active = True  # type: ignore[misc]


def test_seller_is_handed_over(example: LoadedClient) -> None:
    """The issuer has everything from the file; what is empty there is an empty text."""
    seller = seller_of(example.config)
    assert seller.name == "Sommer Elektrotechnik GmbH"
    assert seller.address == Address("Lindenstraße 4", "80331", "München", "DE", "Rückgebäude")
    assert seller.iban == "DE02120300000000202051"
    assert seller.account_holder == ""
    assert seller.managing_directors == ("Jana Sommer", "Peter Sommer")


def test_terms_know_the_exceptions(example: LoadedClient) -> None:
    """A customer's own days win; the discount is the same for all."""
    discount = EarlyPayment(Decimal(2), 7)
    assert terms_of(example.config) == Terms(14, discount)
    assert terms_of(example.config, "10307") == Terms(30, discount)
    assert terms_of(example.config, "10411") == Terms(14, discount)


def test_policy_is_handed_over(example: LoadedClient) -> None:
    """Levels, minimum and Land reach the dunning rules exactly."""
    levels = (Level(5, Action.REMINDER), Level(14, Action.TASK))
    policy = policy_of(example.config)
    assert (policy.levels, policy.minimum, policy.land) == (levels, Decimal("5.00"), "BY")
    assert (policy.hours, policy.weekdays, policy.pay_within_days) == ((7, 20), (0, 1, 2, 3, 4), 7)
    business = policy.levels_for(CustomerKind.BUSINESS)
    assert [level.action for level in business] == [Action.REMINDER, Action.NOTICE, Action.TASK]
    assert policy.levels_for(CustomerKind.PUBLIC) == levels


def test_policy_of_group_and_customer(example: LoadedClient) -> None:
    """The customer's own rules win over those of his group, and these over the client's; each names whose they are."""
    policies = policies_of(example.config)
    policy, usual = policies.of("10307"), policies.of("99")
    assert usual == policy_of(example.config)
    assert policy.levels_for(CustomerKind.BUSINESS) == (Level(14, Action.REMINDER), Level(21, Action.TASK))
    assert (policy.minimum, policy.pay_within_days, policy.land) == (Decimal("50.00"), 14, "BY")
    assert (policy.hours, usual.hours) == ((9, 20), (7, 20))
    assert (policy.origin, usual.origin) == ("Kunde 10307, Kundengruppe „Stammkunden“", "")


def test_what_a_group_does_not_say_is_as_for_all(folder: Path) -> None:
    """Levels for businesses alone leave those of the others; what a known kind cannot be charged is not asked about."""
    text = SOMMER.replace(
        "  minimum: 5.00",
        "  groups:\n    Stamm: {business: {levels: [{days: 9, action: reminder}]}, sending: {weekdays: [mo]}}\n"
        "  minimum: 5.00",
    ).replace(
        "days_until_due: 30}",
        "dunning: {levels: [{days: 5, action: reminder}, {days: 9, action: notice, lump_sum: true}]}}\n"
        '  "7": {dunning: {group: Stamm}}\n  "8": {dunning: {minimum: 5.00}}',
    )
    (folder / "clients" / "sommer.yaml").write_text(text, "utf-8")
    loaded = load_client(folder / "clients" / "sommer.yaml")
    assert isinstance(loaded, LoadedClient), loaded
    policies = policies_of(loaded.config)
    grouped = policies.of("7")
    assert grouped.levels_for(CustomerKind.CONSUMER) == policies.usual.levels
    assert grouped.levels_for(CustomerKind.BUSINESS) == (Level(9, Action.REMINDER),)
    assert (grouped.weekdays, grouped.hours, grouped.origin) == ((0,), (7, 20), "Kundengruppe „Stamm“")
    assert policies.of("10307").levels[1].lump_sum
    assert policies.of("8") == policies.usual


def test_customer_exceptions_apply(example: LoadedClient) -> None:
    """Kind, address and channel of a customer follow the file, others stay as the source says."""
    known = Customer("id-1", "Hausverwaltung", Address(), number="10307")
    changed = with_exceptions(example.config, known)
    assert (changed.kind, changed.email) == (CustomerKind.BUSINESS, "rechnungseingang@hausverwaltung.example")
    assert changed.reverse_charge == Certificate("143/5712/0815", date(2028, 6, 30))
    assert changed.vat_id == "DE136695976"
    other = Customer("id-2", "Frau Anders", Address(), number="99")
    assert with_exceptions(example.config, other) == other
    assert channel_for(example.config, "10411") is Channel.POST
    assert channel_for(example.config, "99") is Channel.MAIL


def test_a_reference_makes_a_public_customer(example: LoadedClient) -> None:
    """A Leitweg-ID says that the customer is public, and in which syntax his invoices come."""
    known = with_exceptions(example.config, Customer("id-3", "Stadt", Address(), number="10520"))
    assert (known.kind, known.buyer_reference) == (CustomerKind.PUBLIC, "04011000-1234512345-06")
    assert known.language == "en"
    assert xrechnung_for(example.config, "10520") is Form.XRECHNUNG_CII
    assert xrechnung_for(example.config, "10307") is Form.XRECHNUNG_UBL


def test_a_mandate_means_direct_debit(example: LoadedClient) -> None:
    """Who gave a mandate is debited, all others transfer."""
    debit = Payment(PaymentMeans.DIRECT_DEBIT, "M-10307-1", "DE75512108001245126199")
    assert payment_by(exception_for(example.config, "10307")) == debit
    assert payment_by(exception_for(example.config, "99")) == Payment()


def test_seller_has_certificate_and_turnover(example: LoadedClient) -> None:
    """What only some documents need is handed over as well."""
    seller = seller_of(example.config)
    assert seller.withholding_exemption == Certificate("143/5733/0042", date(2028, 12, 31), date(2026, 1, 1))
    assert seller.creditor_id == "DE98ZZZ09999999999"
    assert example.config.seller.turnover == {2026: Decimal("640000.00")}


def _names(model: type[BaseModel]) -> Iterator[str]:
    for field_model in _models(model):
        yield from (field.alias or name for name, field in field_model.model_fields.items())


def _descriptions(model: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    for field_model in _models(model):
        yield from ((name, field.description) for name, field in field_model.model_fields.items())


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """All models inside an annotation, those inside their fields as well."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for argument in get_args(annotation):
        yield from _models(argument)
