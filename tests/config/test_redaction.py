"""Log events leave the house without secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from config.redaction import redact, redactor


@pytest.mark.parametrize(
    "name", ["password", "api_key", "access_token", "Authorization", "Set-Cookie", "client_secret", "headers", "body"]
)
def test_named_secrets_are_hidden(name: str) -> None:
    """A value under a telling name is hidden at any depth, whatever it is."""
    assert redact({"request": [{name: {"x": "hunter2"}}]}) == {"request": [{name: "***"}]}


def test_iban_keeps_its_end() -> None:
    """An IBAN shows its last four digits, under its name and inside a text, with and without blanks."""
    assert redact({"iban": "DE02120300000000202051"}) == {"iban": "***2051"}
    assert redact("Konto DE02 1203 0000 0000 2020 51, bitte") == "Konto ***2051, bitte"
    assert redact("Konto DE02120300000000202051.") == "Konto ***2051."


@pytest.mark.parametrize(
    "text",
    ["postgresql://u:hunter2@host/db", "Authorization: Bearer hunter2hunter2", "GET https://hunter2@host/ -> 401"],
)
def test_credentials_in_texts_are_hidden(text: str) -> None:
    """Logins in URLs and bearer tokens are hidden in any text."""
    assert "hunter2" not in str(redact(text))


@pytest.mark.parametrize("spelling", ["s3cr&t/42", "s3cr%26t%2F42", "czNjciZ0LzQy"])
def test_registered_values_are_hidden_in_every_spelling(spelling: str) -> None:
    """A registered secret is hidden plain, in a URL and in base64, also inside an exception."""
    assert redact(f"a {spelling} b", ["s3cr&t/42"]) == "a *** b"
    assert spelling not in repr(redact({"error": ValueError(spelling)}, ["s3cr&t/42"]))


def test_harmless_events_stay_as_they_are() -> None:
    """Numbers, keys of ours and objects without secrets are not touched."""
    secret = SecretStr("hunter2")
    event = {
        "event": "Rechnung RE-2026-0042 gesendet",
        "key": "RB26-ABCD",
        "count": 3,
        "secret_box": secret,
        "none": None,
    }
    assert redact(event, ["hunter2"]) == event


def test_processor_sees_secrets_that_are_registered_later() -> None:
    """The processor's set may grow after logging has begun."""
    secrets: set[str] = set()
    process = redactor(secrets)
    secrets.add("hunter2")
    assert process(None, "info", {"event": "login hunter2", "password": "x"}) == {
        "event": "login ***",
        "password": "***",
    }


NESTED = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just("xx-hunter2-yy"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("hunter2"), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(NESTED)
def test_no_nesting_hides_a_secret(value: object) -> None:
    """A registered secret comes out of no event, however deep it lies."""
    assert "hunter2" not in repr(redact({"event": value}, ["hunter2"]))
