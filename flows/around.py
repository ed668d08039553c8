"""What of the clients' files bears on all their claims, as the ledger's questions need it."""

from collections.abc import Iterable

from billing.dunning_policy import Policies
from config.client import Client, policies_of
from config.loading import LoadedClient
from ledger import rates
from ledger.claims import Circumstances
from ledger.database import Ledger


def around(config: Client) -> Circumstances:
    """What of a client's file bears on all its claims."""
    return Circumstances(
        has_bank=bool(config.payments.bank_folder or config.payments.bank),
        due_agreed=config.dunning.due_date_agreed,
        has_note=config.invoices.pdf == "own",
        land=config.dunning.land or "",
    )


def current_policies(ledger: Ledger, config: Client) -> Policies:
    """The client's dunning, with the base rates that people have taken in."""
    with ledger.reading() as session:
        return policies_of(config).with_rates(rates.further(session))


def around_all(clients: Iterable[LoadedClient]) -> dict[str, Circumstances]:
    """The same for several clients, by name."""
    return {loaded.config.name: around(loaded.config) for loaded in clients}
