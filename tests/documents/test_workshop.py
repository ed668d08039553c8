"""Clients' templates run in a child process that can be ended, sees nothing, and tells its errors."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from documents.errors import BrokenTemplate, DeviatingPaper, ForbiddenAsset, TooLarge, TooManyPages, TooSlow
from documents.invoice import Paper, invoice_paper
from documents.look import Look, look_for
from documents.pdf import print_pdf
from documents.samples import CONSUMER, samples
from documents.workshop import Child
from tests.documents.reading import words

EXTENDS = '{% extends "central/de/invoice.html.j2" %}\n'


def look(folder: Path, content: str, place: str = "de") -> Look:
    """A look whose folder has this invoice template."""
    (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / place / "invoice.html.j2").write_text(content, encoding="utf-8")
    return Look(templates=folder)


def paper(chosen: Look) -> Paper:
    """The consumer's sample in that look."""
    return invoice_paper(*samples()["verbraucher"], chosen)


@pytest.fixture
def child() -> Iterator[Child]:
    """A child process that may take eight seconds for an answer."""
    made = Child(seconds=8)
    yield made
    made.close()


def test_endless_template_is_ended(child: Child, tmp_path: Path) -> None:
    """Loops within loops are stopped by the clock; the next document is printed by a new process."""
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    chosen = look(tmp_path, loops)
    (tmp_path / "de" / "short.txt.j2").write_text("{{ 'gut' }}")
    began = time.monotonic()
    with pytest.raises(TooSlow):
        child.ask("write", chosen, "invoice.html.j2", {})
    assert time.monotonic() - began < 15
    assert child.pid is None
    assert child.ask("write", chosen, "short.txt.j2", {}) == b"gut"


def test_flood_of_text_is_refused(tmp_path: Path) -> None:
    """A template that writes more than a page may hold is stopped while it writes."""
    with pytest.raises(TooLarge):
        paper(look(tmp_path, "{% for a in range(99999) %}" + "x" * 100 + "{% endfor %}"))


def test_greed_for_memory_ends_the_child(child: Child, tmp_path: Path) -> None:
    """A template that asks for gigabytes fails in its own process, with an error of ours."""
    with pytest.raises((BrokenTemplate, TooSlow)):
        child.ask("write", look(tmp_path, "{{ ('x' * 99999) * 99999 }}"), "invoice.html.j2", {})


def test_child_inherits_no_secret(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the child holds none of our variables."""
    monkeypatch.setenv("RECHNUNGSBOTE_API_KEY", "geheim")
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "a.txt.j2").write_text("a")
    child.ask("write", Look(templates=tmp_path), "a.txt.j2", {})
    assert b"geheim" not in Path(f"/proc/{child.pid}/environ").read_bytes()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (
            EXTENDS + '{% block styles %}<link rel="stylesheet" href="file:///etc/passwd"/>{% endblock %}',
            ForbiddenAsset,
        ),
        (EXTENDS + '{% block brand %}<img src="file:///etc/hostname"/>{% endblock %}', ForbiddenAsset),
        (EXTENDS + "{% block styles %}<style>p { page-break-after: always }</style>{% endblock %}" + "", None),
        (EXTENDS + "{% block closing %}{{ ''.__class__ }}{% endblock %}", BrokenTemplate),
        (EXTENDS + "{% block closing %}{{ 1 // 0 }}{% endblock %}", BrokenTemplate),
        ("{% extends 'central/de/nothing.html.j2' %}", BrokenTemplate),
        ("<html><body>nichts</body></html>", DeviatingPaper),
    ],
)
def test_errors_keep_their_type(tmp_path: Path, content: str, error: type[Exception] | None) -> None:
    """What goes wrong in the child arrives as the same error with the same words."""
    if error is None:
        assert paper(look(tmp_path, content)).pdf.startswith(b"%PDF-")
        return
    with pytest.raises(error):
        paper(look(tmp_path, content))


def test_attributes_of_errors_survive(tmp_path: Path) -> None:
    """The address that a template asked for is still known outside of the child."""
    with pytest.raises(ForbiddenAsset) as caught:
        paper(look(tmp_path, EXTENDS + '{% block brand %}<img src="http://example.com/a.png"/>{% endblock %}'))
    assert caught.value.url == "http://example.com/a.png"


def test_child_prints_the_same_bytes(tmp_path: Path) -> None:
    """The same page becomes the same file in the child and here."""
    ours, theirs = paper(Look()), paper(look(tmp_path, EXTENDS))
    assert ours.pdf == theirs.pdf
    assert ours.template_version != theirs.template_version


def test_html_that_is_no_xml_is_printed(tmp_path: Path) -> None:
    """A client may write HTML as he knows it: open line breaks, named entities."""
    text = words(paper(look(tmp_path, EXTENDS + "{% block closing %}<p>Alles&nbsp;Gute<br>Ihr Team{% endblock %}")))
    assert "Alles Gute" in text
    assert "Ihr Team" in text


def test_one_customer_has_his_own_template(tmp_path: Path) -> None:
    """A folder `customers/<number>` wins for that customer, and for him alone."""
    chosen = look(tmp_path, EXTENDS + "{% block closing %}Für alle.{% endblock %}")
    look(tmp_path, EXTENDS + "{% block closing %}Nur für Sie.{% endblock %}", "customers/10042/de")
    assert "Nur für Sie." in words(paper(chosen))
    other = look_for(chosen, replace(CONSUMER, number="../customers/10042"))
    assert other.special is None


def test_pages_are_counted_in_the_child(tmp_path: Path) -> None:
    """A layout beyond all limits is an error, and the message says how many pages it had."""
    page = "<p style='break-after: page'>Seite</p>" * 70
    with pytest.raises(TooManyPages):
        print_pdf(page, b"", Look(), samples()["verbraucher"][0].draft.issue_date)
