"""`customer`: one customer of a client: contact, terms, how he pays, what he owes, and what was billed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.markup import escape

from billing.dunning_facts import NONE
from billing.invoices import Channel
from billing.jobs import Terms
from billing.parties import Customer
from billing.punctuality import Punctuality, open_sum, punctuality
from billing.sales import MonthSales, months_until, turnover
from config.client import channel_for, terms_of, with_exceptions
from config.loading import LoadedClient
from desk import words
from desk.analysing import MONTHS, days
from desk.console import Exit, err, german, out, print_json, table
from desk.opening import AsJson, ClientName, chosen, opened
from flows.clock import Clock
from ledger import clientele, figures, levers
from ledger.clientele import Known
from ledger.database import Ledger
from ledger.figures import Billed
from ledger.tables import LeverRow

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Portrait:
    """Everything about one customer as of a day; `bills` are the newest first, cancelled ones left out."""

    client: str
    key: str
    contact: Customer
    terms: Terms
    channel: Channel
    blocks: list[LeverRow]
    punctuality: Punctuality
    open_amount: Decimal
    overdue: Decimal
    turnover: Decimal
    months: list[MonthSales]
    bills: list[Billed]


def portrait(ledger: Ledger, loaded: LoadedClient, key: str, today: date) -> Portrait | None:
    """One customer by key, that is by number, without one by name; None for one nobody has heard of."""
    config = loaded.config
    with ledger.reading() as session:
        contact = clientele.contact(session, config.name, key)
        found = figures.bills(session, [config.name], key)
        blocks = levers.of_customer(session, config.name, key)
    if contact is None:
        return None
    bills = [each.bill for each in found]
    late = [bill for bill in bills if bill.days_overdue(today) > 0]
    months = turnover(bills, months_until(today, MONTHS))
    return Portrait(
        client=config.name,
        key=key,
        contact=with_exceptions(config, contact),
        terms=terms_of(config, contact.number),
        channel=channel_for(config, contact.number),
        blocks=[block for block in blocks if block.until is None or block.until >= today],
        punctuality=punctuality(bills, today),
        open_amount=open_sum(bills),
        overdue=open_sum(late),
        turnover=sum((month.net for month in months), NONE),
        months=months,
        bills=found[::-1],
    )


def show(
    who: Annotated[str, typer.Argument(help="Kundennummer oder Name (auch ein Teil davon).")],
    client: ClientName = None,
    as_json: AsJson = False,
) -> None:
    """Zeigt einen Kunden: Anschrift, Bedingungen, wie schnell er zahlt, was offen ist, was berechnet wurde."""
    who = who.strip()
    if not who:
        err.print("Bitte die Kundennummer oder einen Teil des Namens nennen.")
        raise typer.Exit(Exit.CONFIGURATION)
    with opened() as house:
        clients = {loaded.config.name: loaded for loaded in chosen(house, client)}
        with house.ledger.reading() as session:
            found = clientele.search(session, list(clients), who, SHOWN)
        exact = [known for known in found if who in (known.key, known.name)]
        if len(exact or found) != 1:
            _complain(who, exact or found)
        known = (exact or found)[0]
        seen = portrait(house.ledger, clients[known.client], known.key, Clock().today())
    assert seen is not None, "who was found can be shown"
    if as_json:
        print_json(as_plain(seen))
    else:
        _print(seen)


def as_plain(seen: Portrait) -> dict[str, Any]:
    """The customer for machines."""
    return {
        "client": seen.client,
        "key": seen.key,
        "contact": seen.contact,
        "days_until_due": seen.terms.days_until_due,
        "channel": seen.channel,
        "blocks": [{"reason": row.reason, "until": row.until, "by": row.made_by} for row in seen.blocks],
        "punctuality": seen.punctuality,
        "open_amount": seen.open_amount,
        "overdue": seen.overdue,
        "turnover": seen.turnover,
        "invoices": [
            {
                "number": each.number,
                "issue_date": each.bill.issue_date,
                "due_date": each.bill.due_date,
                "gross": each.bill.gross,
                "open_amount": each.bill.open_amount,
                "paid_on": each.bill.paid_on,
            }
            for each in seen.bills
        ],
    }


def terms_in_words(terms: Terms) -> str:
    """When the money is due, in a sentence."""
    early = terms.early_payment
    skonto = f", {german(early.percent)} % Skonto binnen {early.days} Tagen" if early else ""
    return f"zahlbar binnen {terms.days_until_due} Tagen{skonto}" if terms.days_until_due else f"zahlbar sofort{skonto}"


def _complain(who: str, found: Sequence[Known]) -> None:
    if found:
        names = "; ".join(f"{known.name} ({known.client}, {known.key})" for known in found)
        err.print(escape(f"{who} passt auf mehrere: {names}. Bitte die Nummer angeben."))
    else:
        err.print(escape(f"Einen Kunden {who} kennt das Hauptbuch nicht."))
    raise typer.Exit(Exit.CONFIGURATION)


def _print(seen: Portrait) -> None:
    contact, paid = seen.contact, seen.punctuality
    out.print(escape(f"{contact.name}  {contact.number}"), style="bold")
    out.print(escape(f"{contact.address.street}, {contact.address.postcode} {contact.address.city}  {contact.email}"))
    out.print(escape(f"Bedingungen: {terms_in_words(seen.terms)}, Versand: {words.CHANNELS[seen.channel]}"))
    out.print(escape(f"Offen {german(seen.open_amount)} EUR, davon überfällig {german(seen.overdue)} EUR"))
    out.print(escape(f"Umsatz in {MONTHS} Monaten: {german(seen.turnover)} EUR netto"))
    out.print(escape(f"Zahlt nach {days(paid.days)} (Median aus {paid.paid}), Entwicklung: {paid.trend}"))
    for row in seen.blocks:
        out.print(escape(f"Mahnsperre{f' bis {german(row.until)}' if row.until else ''}: {row.reason} ({row.made_by})"))
    table(
        "Rechnungen",
        ("Rechnung", "vom", "fällig", "brutto", "offen", "bezahlt am"),
        [
            (each.number, bill.issue_date, bill.due_date, bill.gross, bill.open_amount, bill.paid_on)
            for each in seen.bills
            for bill in [each.bill]
        ],
        figures=("brutto", "offen"),
    )
