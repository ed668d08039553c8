"""The bodies of control requests."""

import datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Wish):
    """How far the clock is moved; days are calendar days in Europe/Berlin."""

    days: int = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0


class ClockStep(_Wish):
    """Either `now` (an aware instant) or `advance`."""

    now: AwareDatetime | None = None
    advance: Step = Step()


class NewPayment(_Wish):
    """A payment; without `amount` the whole open amount, without `date` today."""

    voucherId: str  # noqa: N815 - the API's spelling
    amount: Decimal | None = Field(default=None, gt=0)
    date: datetime.date | None = None
    type: str = "manualPayment"


class Rate(_Wish):
    """The token bucket; `retry_after` is the header sent with 429, None for no header; rate 0 is no limit."""

    rate: float = Field(default=2, ge=0)
    burst: float = Field(default=4, ge=1)
    retry_after: str | None = None


class IndexLag(_Wish):
    """How many real seconds the lists lag behind writes."""

    seconds: float = Field(ge=0)


class Manners(_Wish):
    """How untidily callbacks come; see `lexoffice/callbacks.py`."""

    lose: int = Field(default=0, ge=0)
    copies: int = Field(default=1, ge=1)
    pace: float = Field(default=1, gt=0)
    late: float = Field(default=0, ge=0)


class Told(_Wish):
    """An event sent by hand."""

    eventType: str  # noqa: N815 - the API's spelling
    resourceId: str  # noqa: N815 - the API's spelling


class SettingsChange(_Wish):
    """Changes of what is not established about the real API."""

    parent_lists_children: bool = True
    refuse_second_pursue: bool = False
    open_amount_as_string: bool = False
    probe_callbacks: bool = False
    https_callbacks_only: bool = True


class BankChange(_Wish):
    """What the bank has booked, as CAMT documents; whether it wants a confirmation, gives CAMT, and the right PIN."""

    statements: list[str] = []
    asks: bool = False
    has_camt: bool = True
    pin: str = "12345"


class Return(_Wish):
    """What comes back: `text` as it stands, or something about the n-th `mail` that was sent, counted from 1.

    `words` are the server's diagnosis or what the customer writes. Reports go to the envelope's sender unless `to` says
    otherwise.
    """

    text: str = ""
    mail: int = Field(default=0, ge=0)
    kind: Literal["failed", "delayed", "delivered", "complaint", "answer", "away"] = "failed"
    status: str = "5.1.1"
    words: str = "550 5.1.1 No such user here"
    to: str = ""


class LetterStatus(_Wish):
    """What people at the letter service do with an order by hand."""

    status: Literal["queue", "hold", "canceled"]


class Misread(_Wish):
    """What the letter service reads in the window of the next letter, whatever stands there."""

    address: str


class Balance(_Wish):
    """What the account at the letter service holds, in euro."""

    balance: Decimal = Field(ge=0)
