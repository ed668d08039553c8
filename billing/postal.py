"""Letters: whether a letter service has read the right address in the window of our paper."""

import unicodedata
from collections.abc import Sequence

from billing.parties import Customer


def postal_lines(customer: Customer) -> tuple[str, ...]:
    """What of an address a letter needs to arrive; supplements stand on the paper as well, but may be skipped."""
    address = customer.address
    return (customer.name, address.street, f"{address.postcode} {address.city}")


def is_addressed_to(lines: Sequence[str], read: str) -> bool:
    """Whether every line of the address stands in what was read, however that is broken into lines and spaced.

    A window of which nothing could be read is addressed to nobody.
    """
    found = _letters(read)
    return bool(found) and all(_letters(line) in found for line in lines)


def _letters(text: str) -> str:
    """Letters and digits alone, in one spelling: what is left of a text that was read from a page."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
