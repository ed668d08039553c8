"""Account: nothing that demands money leaves with an account that is not in force."""

from datetime import timedelta

from billing.calendar import BERLIN
from billing.parties import Seller
from connectors.errors import NeedsPerson
from flows.report import Entry, Result
from flows.work import Work
from ledger import bank_accounts, notices

CURE = (
    "Erst müssen zwei Personen bestätigen: rechnungsbote account ask, nach der Wartezeit rechnungsbote account confirm."
)


def watch(work: Work) -> list[Entry]:
    """Note the account that stands in the client's file; a change is told and makes a task."""
    now, iban = work.clock.now(), work.seller.iban
    with work.ledger.writing() as session:
        before = bank_accounts.waiting(session, work.client)
        if bank_accounts.see(session, work.client, iban, now):
            return []
        row = bank_accounts.waiting(session, work.client)
        assert row is not None
        if before is not None and before.id == row.id:
            return [Entry(Result.STILL, f"Konto …{iban[-4:]}", CURE)]
        wait = timedelta(hours=work.settings.account_wait_hours)
        title = f"Das Konto des Mandanten wurde auf …{iban[-4:]} geändert: bitte bestätigen"
        body = (
            f"{CURE} Wartezeit bis {(now + wait).astimezone(BERLIN):%d.%m.%Y, %H:%M} Uhr. Bis dahin gehen keine"
            " Rechnungen und Mahnungen mit dem neuen Konto hinaus. Hat es niemand geändert, bitte sofort die Datei des"
            " Mandanten prüfen."
        )
        owner, today = work.config.dunning.task_owner, work.clock.today()
        notices.ask(session, work.client, f"account/{row.id}", title, body, owner, today, now)
    return [Entry(Result.HELD, f"Konto …{iban[-4:]}", title)]


def trusted_seller(work: Work) -> Seller:
    """The seller, if his account is in force. Raises `NeedsPerson`."""
    with work.ledger.reading() as session:
        in_force = bank_accounts.confirmed(session, work.client) == work.seller.iban
    if not in_force:
        with work.ledger.writing() as session:
            in_force = bank_accounts.see(session, work.client, work.seller.iban, work.clock.now())
    if not in_force:
        raise NeedsPerson(f"Das Konto …{work.seller.iban[-4:]} ist noch nicht bestätigt. {CURE}")
    return work.seller


def check_mailed_account(work: Work, iban: str) -> None:
    """Raise `NeedsPerson` when a mail was written with an account that is not in force any more."""
    with work.ledger.reading() as session:
        in_force = bank_accounts.confirmed(session, work.client)
    if iban and in_force and iban != in_force:
        raise NeedsPerson(f"Diese Mail nennt das frühere Konto …{iban[-4:]}. Bitte aufgeben (rechnungsbote give-up).")
