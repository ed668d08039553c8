"""No name from outside becomes a path: clients, invoice numbers, customer numbers, archived documents, secrets."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.fields import ClientName
from config.secrets import SecretUnavailable, reference_of
from documents.invoice import file_name
from documents.look import Look, look_for
from documents.samples import samples
from ledger.archive import Archive

EVIL = (
    *("../../etc/passwd", "/etc/passwd", "..", ".", "", "a/../b", "a\\..\\b"),
    *("a\x00b", "a\nb", "con:", "~root", "%2e%2e/x"),
)


@pytest.mark.parametrize("name", EVIL)
def test_a_client_is_no_path(name: str) -> None:
    """A client's name, which names files and folders, is made of small letters, digits and hyphens."""
    with pytest.raises(ValidationError):
        TypeAdapter(ClientName).validate_python(name)


@pytest.mark.parametrize("name", EVIL)
def test_a_secret_is_no_path(name: str) -> None:
    """A reference to a secret's file names a file of the secrets folder and nothing else."""
    with pytest.raises(SecretUnavailable):
        reference_of({"file": name})


@pytest.mark.parametrize("name", EVIL)
def test_an_archived_document_is_no_path(tmp_path: Path, name: str) -> None:
    """The archive opens SHA-256 names and nothing else."""
    with pytest.raises(ValueError, match="no SHA-256"):
        Archive(tmp_path).get(name)


@given(st.text(max_size=80))
def test_an_invoice_number_is_no_path(number: str) -> None:
    """Whatever number the accounting system gives, the file's name is one plain ASCII name of at most 60 characters."""
    name = file_name(number)
    assert Path(name).name == name
    assert name.isascii()
    assert len(name) <= 60
    assert not set(name) & set('/\\:*?"<>|\x00\r\n')


@pytest.mark.parametrize("number", EVIL)
def test_a_customer_number_is_no_path(tmp_path: Path, number: str) -> None:
    """A customer's own templates lie below the client's folder, whatever his number is."""
    (tmp_path / "templates" / "customers").mkdir(parents=True)
    made, _ = samples()["skonto-rabatt"]
    customer = replace(made.draft.customer, number=number)
    assert look_for(Look(templates=tmp_path / "templates"), customer).special is None
