"""Reading foreign objects and strict JSON."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors import strict_json
from connectors.errors import UnexpectedAnswer
from connectors.fields import Item, item


def test_missing_field_names_its_place() -> None:
    """The error for a field that must be there says where it was expected."""
    document = item({"lineItems": [{}]}, "Rechnung")
    with pytest.raises(UnexpectedAnswer, match=r"Rechnung\.lineItems\[0\]\.name fehlt"):
        document.parts("lineItems")[0].text("name")


@pytest.mark.parametrize("value", ["zwölf", True, [], {}, Decimal("1E+99"), Decimal("NaN"), "1e-99999"])
def test_amount_refuses_what_is_no_usable_number(value: Any) -> None:
    """Words, truth values, lists, NaN and monstrous exponents are no amounts."""
    with pytest.raises(UnexpectedAnswer):
        item({"x": value}, "Zahlung").amount("x")


@pytest.mark.parametrize(("value", "amount"), [("1337.00", "1337.00"), (200, "200"), (Decimal("7.85"), "7.85")])
def test_amount_reads_numbers_and_numbers_as_text(value: Any, amount: str) -> None:
    """A number may come as text, which the vendor's samples show."""
    assert item({"x": value}, "Zahlung").amount("x") == Decimal(amount)


def test_text_loses_control_characters() -> None:
    """NUL, escape characters and half surrogate pairs go; line breaks and tabs stay."""
    assert item({"x": " a\x00b\x1b\r\nc\td\ud800 "}, "Rechnung").text("x") == "ab\nc\td"


def test_day_is_that_of_berlin() -> None:
    """An instant late in the evening in UTC belongs to the next day in Berlin."""
    document = Item({"x": "2026-06-30T22:30:00.000Z"}, "Rechnung")
    assert document.day("x") == date(2026, 7, 1)


@pytest.mark.parametrize("text", ["2026-06-30", "2026-06-30T22:30:00", "gestern"])
def test_time_without_zone_is_refused(text: str) -> None:
    """Naive times are stopped at the border."""
    with pytest.raises(UnexpectedAnswer):
        Item({"x": text}, "Rechnung").moment("x")


def test_stamp_orders_across_daylight_saving() -> None:
    """The later instant has the greater stamp although its local time is earlier."""
    before, after = "2026-10-25T02:30:00.123+02:00", "2026-10-25T02:10:00.000+01:00"
    assert Item({"x": before}, "A").stamp("x") < Item({"x": after}, "A").stamp("x")


@pytest.mark.parametrize(
    "body",
    [b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1,"a":2}', b'{"a":', b"\xff", b"[" * 100_000, b""],
    ids=["nan", "infinity", "double key", "cut", "not utf-8", "deep", "empty"],
)
def test_loose_json_is_refused(body: bytes) -> None:
    """NaN, infinity, double keys, cut or endlessly nested JSON are no answers."""
    with pytest.raises(ValueError):  # noqa: PT011 - every ValueError counts as unreadable
        strict_json.loads(body)


def test_fractions_are_exact_both_ways() -> None:
    """An amount leaves and comes back digit by digit."""
    body = strict_json.dumps({"price": Decimal("0.10"), "text": "Größe", "list": [1, True, None]})
    assert body == '{"price":0.10,"text":"Größe","list":[1,true,null]}'.encode()
    assert str(strict_json.loads(body)["price"]) == "0.10"


def test_floats_never_leave() -> None:
    """A float in a request is a programming error."""
    with pytest.raises(TypeError):
        strict_json.dumps({"price": 0.1})
