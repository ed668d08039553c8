"""What all tables of the ledger share, so that a room's tables may stand in a module of their own."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.orm import DeclarativeBase

from ledger.columns import Cents, Instant

Json = dict[str, Any]


class Base(DeclarativeBase):
    """All tables of the ledger."""

    type_annotation_map = {
        Json: JSON(),
        list[Json]: JSON(),
        list[int | str]: JSON(),
        datetime: Instant(),
        Decimal: Cents(),
        str: Text(),
    }
