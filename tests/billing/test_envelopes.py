"""Return addresses: each names its mail and proves it; a forged one names none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.envelopes import mail_behind, return_address

KEY = b"geheim-4711"
PATTERN = "rueck+{token}@maler.example"
MESSAGE_ID = "<RB-2345-6789-ABCD.invoice@maler.example>"


def test_the_address_leads_back_to_the_mail() -> None:
    """The token gives the Message-ID's local part, however the servers on the way wrote the letters."""
    address = return_address(PATTERN, MESSAGE_ID, KEY)
    assert address.startswith("rueck+rb-2345-6789-abcd.invoice.")
    for seen in (address, address.upper()):
        assert mail_behind(seen, PATTERN, KEY) == "rb-2345-6789-abcd.invoice"


@given(place=st.integers(min_value=0, max_value=200), letter=st.sampled_from("0123456789abcdefx.-+@"))
def test_one_changed_letter_is_a_forgery(place: int, letter: str) -> None:
    """Whatever letter is changed, the address stands for no other mail."""
    address = return_address(PATTERN, MESSAGE_ID, KEY)
    place %= len(address)
    changed = address[:place] + letter + address[place + 1 :]
    assert mail_behind(changed, PATTERN, KEY) == ("rb-2345-6789-abcd.invoice" if changed == address else "")


@pytest.mark.parametrize("address", ["", "rueck@maler.example", "rueck+@maler.example", "rueck+x.y@maler.example"])
def test_other_addresses_stand_for_nothing(address: str) -> None:
    """An address without token, or with another key's, is no proof."""
    assert mail_behind(address, PATTERN, KEY) == ""
    assert mail_behind(return_address(PATTERN, MESSAGE_ID, b"anderer"), PATTERN, KEY) == ""


def test_an_address_that_servers_would_cut_is_refused() -> None:
    """A local part of more than 64 characters is an error before anything is sent."""
    with pytest.raises(ValueError, match="64"):
        return_address("ein-sehr-langer-anfang-fuer-rueckläufer+{token}@maler.example", MESSAGE_ID, KEY)
