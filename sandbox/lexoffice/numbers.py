"""Numbers in JSON bodies: integers and Decimals (JSON is read with parse_float=Decimal)."""

from decimal import Decimal
from typing import Any


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, Decimal) and value.is_finite()
    )


def places(value: Any) -> int:
    """Digits after the point that matter."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
