"""The base of every part of a client's file."""

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Section(BaseModel):
    """A part of the file: unknown names are mistakes, nothing changes after reading, and 80331 is a fine postcode."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


def _nothing_is_empty(value: object) -> object:
    return {} if value is None else value


MayBeEmpty = BeforeValidator(_nothing_is_empty)
"""For a part that may be written down without anything in it."""
