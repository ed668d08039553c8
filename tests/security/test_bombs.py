"""XML that would explode or look outside is refused wherever it comes in; bank files and mails have their own tests."""

import pytest

from documents.einvoice_reading import parse
from documents.errors import InvalidEInvoice, UnusableLook
from documents.look import check_svg

SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))
BOMBS = {
    "billion laughs": (f"<!DOCTYPE x [{LAUGHS}]>", "&l9;"),
    "quadratic": (f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 5_000),
    "file": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"),
    "network": ('<!DOCTYPE x [<!ENTITY a SYSTEM "http://169.254.169.254/x">]>', "&a;"),
    "parameter": ('<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>', ""),
    "foreign grammar": ('<!DOCTYPE x SYSTEM "http://example.test/x.dtd">', ""),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_einvoice_with_a_doctype_is_refused(bomb: str, encoding: str) -> None:
    """No entity of an e-invoice is ever resolved: it is refused, and no memory is spent on it."""
    head, use = BOMBS[bomb]
    text = f'<?xml version="1.0" encoding="{encoding}"?>{head}<x>{use}</x>'
    with pytest.raises(InvalidEInvoice):
        parse(text.encode(encoding))


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_logo_with_a_doctype_is_refused(bomb: str) -> None:
    """A logo is a drawing and declares nothing."""
    head, use = BOMBS[bomb]
    with pytest.raises(UnusableLook):
        check_svg(f"{head}{SVG.format(use)}".encode(), "logo.svg")


def test_endless_depth_is_refused() -> None:
    """XML nested without end is an error of ours and no crash."""
    with pytest.raises(InvalidEInvoice):
        parse(b"<a>" * 100_000)
