"""Every account that leaves the house is the confirmed one: on paper, in the XML, in the GiroCode, in the mail."""

import io
from dataclasses import replace

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as checked_iban

from documents.accounts import accounts_in, check_accounts
from documents.errors import ForeignAccount
from documents.invoice import invoice_paper, invoice_sheet
from documents.look import Look
from documents.samples import samples

OURS, THEIRS = "DE02120300000000202051", "DE89370400440532013000"


@pytest.mark.parametrize(
    "text",
    [
        THEIRS,
        "Bitte auf DE89 3704 0044 0532 0130 00 zahlen",
        "IBAN:DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000.",
        "AT61 1904 3002 3457 3201 und mehr",
        "GB29 NWBK 6016 1331 9268 19",
        f"{OURS} oder {THEIRS}",
    ],
)
def test_a_foreign_account_is_seen(text: str) -> None:
    """However it is written, with whatever stands beside it, an account that is not allowed is found."""
    with pytest.raises(ForeignAccount):
        check_accounts(text, [OURS])


@pytest.mark.parametrize(
    "text", [OURS, "DE02 1203 0000 0000 2020 51", "DE00 1203 0000 0000 2020 51", "RB-2345-6789", ""]
)
def test_the_own_account_and_other_numbers_pass(text: str) -> None:
    """Our own account passes in both writings, and what only looks like an account is none."""
    check_accounts(text, ["DE02 1203 0000 0000 2020 51"])


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_any_german_account_is_found(number: int) -> None:
    """Whatever account a text names in groups of four, it is found."""
    base = f"{number:018d}"
    found = f"DE{checked_iban.calc_check_digits(f'DE00{base}')}{base}"
    assert accounts_in(f"Konto {checked_iban.format(found)} bitte") == [found]


def test_what_is_read_back_is_the_confirmed_account() -> None:
    """The printed page and the XML of a real invoice name one account, the seller's."""
    made, seller = samples()["skonto-rabatt"]
    paper = invoice_paper(made, seller, Look())
    printed = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.pdf)).pages)
    ours = "".join(seller.iban.split())
    assert set(accounts_in(printed)) == set(accounts_in(paper.xml.decode())) == {ours}


@pytest.mark.parametrize("field", ["introduction", "remark", "title"])
def test_a_customer_cannot_write_an_account_onto_an_invoice(field: str) -> None:
    """A text from the accounting system with another account stops the invoice, whichever field it stands in."""
    made, seller = samples()["skonto-rabatt"]
    changes = {field: f"Neues Konto {THEIRS}"}
    made = replace(made, draft=replace(made.draft, **changes))  # type: ignore[arg-type]
    with pytest.raises(ForeignAccount):
        invoice_sheet(made, seller, Look())
