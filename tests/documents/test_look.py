"""A client's look: own templates in a sandbox, harmless logos, and a renderer that reads nothing else."""

import io
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from pydantic import ValidationError

from documents.errors import BrokenTemplate, DeviatingPaper, ForbiddenAsset, UnusableLook
from documents.invoice import Paper, invoice_paper
from documents.logo import logo_address
from documents.look import Look, logo_file, readable
from documents.samples import SELLER, samples
from documents.templates import templates
from tests.documents.reading import positions, reader

EXTENDED = '{% extends "central/de/invoice.html.j2" %}\n'
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#c00"/></svg>'


def paper(look: Look) -> Paper:
    """The consumer's sample in that look."""
    return invoice_paper(*samples()["verbraucher"], look)


def text(made: Paper) -> str:
    """The words of a paper, single-spaced."""
    return " ".join(pypdf.PdfReader(io.BytesIO(made.pdf)).pages[0].extract_text().split())


def with_template(folder: Path, content: str) -> Look:
    """A look whose folder has its own invoice template."""
    (folder / "de").mkdir()
    (folder / "de" / "invoice.html.j2").write_text(content, encoding="utf-8")
    return Look(templates=folder)


def test_client_overrides_one_block(tmp_path: Path) -> None:
    """A client's template changes the block it names and keeps everything else of the central one."""
    look = with_template(tmp_path, EXTENDED + "{% block introduction %}<p>Gern geschehen.</p>{% endblock %}")
    made = text(paper(look))
    assert "Gern geschehen." in made
    assert "Vielen Dank" not in made
    assert "1.369,69 €" in made


def test_version_names_the_templates(tmp_path: Path) -> None:
    """The template version is short, stable, and another one as soon as a client's file differs."""
    look = with_template(tmp_path, EXTENDED)
    assert len(templates(Look()).version) == 12
    assert templates(look).version != templates(Look()).version
    assert paper(Look()).template_version == templates(Look()).version


def test_template_without_the_payment_data_is_refused(tmp_path: Path) -> None:
    """A client cannot print an invoice that lacks what its XML says."""
    hidden = "{% block payment %}{% endblock %}{% block company %}{% endblock %}"
    with pytest.raises(DeviatingPaper, match="IBAN"):
        paper(with_template(tmp_path, EXTENDED + hidden))


@pytest.mark.parametrize(
    "code",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ invoice.__init__.__globals__ }}",
        "{{ invoice.rows.__class__ }}",
        "{{ nobody }}",
        "{% include 'de/nothing.html.j2' %}",
        "{% include '../../pyproject.toml' %}",
        "{% if %}",
    ],
)
def test_templates_are_sandboxed(tmp_path: Path, code: str) -> None:
    """Template code that reaches for Python, for foreign files or for unknown values is a typed error."""
    with pytest.raises(BrokenTemplate):
        paper(with_template(tmp_path, EXTENDED + "{% block closing %}" + code + "{% endblock %}"))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/pixel.png",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/hostname",
        "ftp://example.com/x.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "asset:../../pyproject.toml",
    ],
)
def test_renderer_reads_only_bundled_files(tmp_path: Path, url: str) -> None:
    """A template that asks for any other address is refused, and nothing is fetched."""
    look = with_template(tmp_path, EXTENDED + "{% block closing %}<img src='" + url + "'>{% endblock %}")
    with pytest.raises(ForbiddenAsset) as caught:
        paper(look)
    assert caught.value.url == url


def test_style_cannot_import(tmp_path: Path) -> None:
    """A style in a client's template cannot load from outside either."""
    style = "<style>body { background: url(https://example.com/a.png) }</style>"
    look = with_template(tmp_path, EXTENDED + "{% block styles %}" + style + "{% endblock %}")
    with pytest.raises(ForbiddenAsset):
        paper(look)


def test_svg_logo_replaces_the_wordmark(tmp_path: Path) -> None:
    """A harmless drawing is printed instead of the company's name in colour."""
    (tmp_path / "logo.svg").write_text(SQUARE)
    look = Look(logo=tmp_path / "logo.svg")
    assert logo_address(look).startswith("asset:logo-")
    assert (
        text(paper(look)).count("Malerbetrieb Sommer GmbH") == text(paper(Look())).count("Malerbetrieb Sommer GmbH") - 1
    )


def test_png_logo_is_not_interpolated(tmp_path: Path) -> None:
    """A picture is embedded without the interpolation flag, which PDF/A forbids."""
    Image.new("RGBA", (40, 20), (200, 0, 0, 128)).save(tmp_path / "logo.png")
    made = paper(Look(logo=tmp_path / "logo.png"))
    logo, girocode = pypdf.PdfReader(io.BytesIO(made.pdf)).pages[0].images
    assert b"/Interpolate true" not in made.pdf
    assert logo.image is not None
    assert girocode.image is not None


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<image href='https://example.com/a.png'/>",
        "<use href='https://example.com/a.svg#x'/>",
        "<rect onload='x()'/>",
        "<rect fill='url(https://example.com/#a)'/>",
        "<rect style='background:url( \"http://example.com\" )'/>",
        "<text>Sommer</text>",
        "<style>@import 'https://example.com'</style>",
        "<foreignObject/>",
    ],
)
def test_leading_out_svg_is_refused(tmp_path: Path, inner: str) -> None:
    """A drawing that could load, run, or need a font of the machine cannot be a logo."""
    (tmp_path / "logo.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>')
    with pytest.raises(UnusableLook, match=r"logo\.svg"):
        logo_file(tmp_path / "logo.svg")


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a",
        b"<html/>",
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b"x" * 600_000,
    ],
)
def test_other_files_are_no_logo(tmp_path: Path, content: bytes) -> None:
    """Only PNG and plain SVG of moderate size are logos."""
    (tmp_path / "logo").write_bytes(content)
    with pytest.raises(UnusableLook):
        logo_file(tmp_path / "logo")


def test_missing_logo_says_so(tmp_path: Path) -> None:
    """A logo that is not there is an error with its name, before anything is printed."""
    with pytest.raises(UnusableLook, match=r"fort\.svg"):
        paper(Look(logo=tmp_path / "fort.svg"))


def test_pale_colours_are_darkened_for_text() -> None:
    """Text in a client's colour can be read: yellow becomes dark, dark blue stays."""
    assert readable("#1d4f6e") == "#1d4f6e"
    assert readable("#ffe600") != "#ffe600"


def test_look_knows_its_fields() -> None:
    """A misspelt field or a colour by name is refused at once."""
    with pytest.raises(ValidationError):
        Look.model_validate({"akzent": "#000000"})
    with pytest.raises(ValidationError):
        Look(accent="red")


def test_further_lines_of_the_foot_stay_on_the_paper() -> None:
    """Six further lines and many directors move the text up instead of falling off the page."""
    many = replace(SELLER, managing_directors=tuple(f"Maximilian Oberhuber-{at}" for at in range(8)))
    look = Look(footer=tuple(f"Zeile {at}: Meisterbetrieb der Innung" for at in range(6)))
    made = invoice_paper(samples()["zwei-seiten"][0], many, look)
    for page in reader(made).pages:
        placed = [(y, text) for _, y, text in positions(page)]
        foot = [y for y, text in placed if text.startswith(("Zeile", "Maximilian", "USt-IdNr."))]
        (number,) = [y for y, text in placed if text.startswith("Seite")]
        assert max(foot) < 292
        assert number < min(foot)
        assert not [text for y, text in placed if number - 4 < y < number]
