"""How a client is operated: what waits for approval, and how its work is shared among workers."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from config.fields import Required
from config.section import Section
from config.wording import Expected

Limit = Annotated[
    Decimal,
    Field(ge=0, le=10_000_000, decimal_places=2),
    Expected("ein Betrag in Euro mit Punkt und höchstens zwei Nachkommastellen"),
]
DaysBetween = Annotated[int, Field(strict=True, ge=1, le=30), Expected("eine ganze Zahl von Tagen (1 bis 30)")]
AtOnce = Annotated[int, Field(strict=True, ge=1, le=64), Expected("eine ganze Zahl von Läufen (1 bis 64)")]
ChunkSize = Annotated[int, Field(strict=True, ge=1, le=500), Expected("eine ganze Zahl (1 bis 500)")]
PoolName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,40}$"),
    Expected("der Name eines Prefect-Work-Pools: Kleinbuchstaben, Ziffern und -"),
]


class Approval(Section):
    """Which invoices a person must allow first."""

    over: Limit | None = Field(
        None, description="Rechnungen über diesem Bruttobetrag warten auf Freigabe, leer = keine", examples=["5000.00"]
    )
    approver: Required = Field("Büro", description="Wer freigibt; bekommt die Aufgabe", examples=["Jana Sommer"])
    remind_after_days: DaysBetween = Field(2, description="Nach so vielen Tagen wird erinnert", examples=[2])


class Running(Section):
    """Where and how much at a time the client's flows run."""

    pool: PoolName = Field("invoicing", description="Work-Pool in Prefect", examples=["invoicing"])
    pool_type: Literal["process", "docker", "kubernetes"] = Field(
        "process", description="Art des Work-Pools: Prozesse dieser Maschinen oder Container", examples=["docker"]
    )
    job_variables: dict[str, Any] = Field(
        default_factory=dict,
        description="Was der Work-Pool je Lauf wissen muss, bei Containern image, env, volumes",
        examples=["{image: rechnungsbote}"],
    )
    queue: PoolName = Field("default", description="Warteschlange im Work-Pool", examples=["default"])
    at_once: AtOnce = Field(1, description="So viele Läufe teilen sich einen großen Schritt", examples=[1])
    chunk: ChunkSize | None = Field(
        None, description="So viele Vorgänge je Häppchen, leer = wie in der Installation", examples=[50]
    )
