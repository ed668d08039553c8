"""Changes of contracts that lie ahead: the last one can be taken back until it holds or is billed."""

from dataclasses import replace
from datetime import date

from billing.contracts import DAY, Billed, Contract, NotPossible


def withdrawn(contract: Contract, billed: Billed, today: date) -> Contract:
    """The contract without the last change that was agreed for a later day. Raises `NotPossible`."""
    _must_be_ahead(contract, billed, today)
    return replace(contract, stages=contract.stages[:-1])


def _must_be_ahead(contract: Contract, billed: Billed, today: date) -> None:
    since = contract.stages[-1].since
    if len(contract.stages) == 1:
        raise NotPossible("Für diesen Vertrag ist keine Änderung geplant.")
    if contract.ends_on and contract.ends_on < today:
        raise NotPossible(f"Der Vertrag hat am {contract.ends_on:%d.%m.%Y} geendet.")
    free = max(today, billed.until + DAY) if billed.until else today
    instead = f"Zurück geht es mit einer neuen Änderung, ab dem {free:%d.%m.%Y}."
    if since <= today:
        raise NotPossible(f"Die Änderung gilt schon seit dem {since:%d.%m.%Y}. {instead}")
    if billed.until and billed.until >= since:
        raise NotPossible(
            f"Die Änderung ab dem {since:%d.%m.%Y} ist bis {billed.until:%d.%m.%Y} schon berechnet. {instead}"
        )
