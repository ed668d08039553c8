"""Gibt eine Rechnung frei, die über der Grenze des Mandanten liegt."""

from typing import Annotated

from prefect import State, flow
from prefect.states import Completed, Failed
from pydantic import Field

from config.settings import load_settings
from flows.clock import Clock
from flows.wiring import open_house
from ledger import approvals
from ledger.overrides import NothingToDecide, Word

Name = Annotated[str, Field(min_length=2, max_length=80)]


@flow(name="approve", flow_run_name="{client}: Freigabe {draft}", persist_result=False)
def approve(client: str, draft: Name, by: Name, reason: str = "geprüft") -> State[None]:
    """Gibt eine Rechnung frei, die über der Grenze des Mandanten liegt; der nächste Lauf schreibt sie.

    Args:
        client: Kurzname des Mandanten.
        draft: Vorgangszeichen RB-… oder Auftragsnummer, wie im Bericht des Laufs oder unter  rechnungsbote approvals.
        by: Wer freigibt; steht im Journal.
        reason: Warum; steht im Journal.
    """
    with open_house(load_settings()) as house, house.ledger.writing() as session:
        found = approvals.find(session, draft, [house.client(client).config.name])
        try:
            if len(found) != 1:
                raise NothingToDecide(f"Zu {draft} gibt es nichts Eindeutiges. Bitte das Zeichen RB-… angeben.")
            approvals.approve(session, found[0], Word(by, reason), Clock().now())
        except NothingToDecide as error:
            return Failed(message=str(error))
        return Completed(message=f"Freigegeben: {found[0].customer_name}, {found[0].marker}")
