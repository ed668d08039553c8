"""The lint: our own templates are clean, and every fault of a client's template is named with its line."""

from pathlib import Path

import pytest

from documents.lint import lint, lint_source

EXTENDS = '{% extends "central/de/invoice.html.j2" %}\n'


def codes(source: str, name: str = "de/invoice.html.j2") -> list[str]:
    """The codes of what is wrong with a template that extends ours."""
    return [finding.code for finding in lint_source(name, EXTENDS + source)]


def test_central_templates_are_clean() -> None:
    """Nothing is wrong with the templates that come with the project."""
    assert lint() == ()


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{% block closing %}{{ nobody }}{% endblock %}", "variable"),
        ("{% block closing %}{{ invoice.nubmer }}{% endblock %}", "attribute"),
        ("{% block closing %}{% for row in invoice.rows %}{{ row.prcie }}{% endfor %}{% endblock %}", "attribute"),
        ("{% block closing %}{{ invoice.deductions.deducted.brutto }}{% endblock %}", "attribute"),
        ("{% block closing %}{{ seller.fax }}{% endblock %}", "attribute"),
        ("{% block closing %}{{ invoice.gross * 2 }}{% endblock %}", "arithmetic"),
        ("{% block closing %}{% set sum = invoice.net + invoice.gross %}{% endblock %}", "arithmetic"),
        ("{% block closing %}{{ invoice.rows | sum }}{% endblock %}", "arithmetic"),
        ("{% block greeting %}Danke{% endblock %}", "block"),
        ("{% block content %}leer{% endblock %}", "block"),
        ("{% block styles %}<style>h1 { font-family: Arial }</style>{% endblock %}", "font"),
        ("{% block styles %}<style>h1 { font: 600 12pt/1.4 'Comic Sans' }</style>{% endblock %}", "font"),
        ('{% block brand %}<img src="https://example.com/a.png"/>{% endblock %}', "address"),
        ("{% block styles %}<style>@import url(http://example.com/a.css)</style>{% endblock %}", "address"),
        ('{% block brand %}<img src="//example.com/a.png"/>{% endblock %}', "address"),
        ("{% block brand %}<img src='data:image/png;base64,AAAA'/>{% endblock %}", "address"),
        ("{% if %}", "syntax"),
    ],
)
def test_fault_is_named(source: str, code: str) -> None:
    """Each fault has its own code, in the line where it stands."""
    found = lint_source("de/invoice.html.j2", EXTENDS + source)
    assert code in [finding.code for finding in found]
    assert all(finding.line in (1, 2) for finding in found)


@pytest.mark.parametrize(
    "source",
    [
        "{% block closing %}{{ super() }}<p>{{ seller.phone }}</p>{% endblock %}",
        "{% block introduction %}{% for text in invoice.introduction %}{{ text }}{% endfor %}{% endblock %}",
        "{% block content %}{{ super() }}{% block thanks %}Danke{% endblock %}{% endblock %}",
        "{% block closing %}{{ invoice.groups[-1][0].amount }}{% endblock %}",
        "{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}{% block closing %}{{ bold('x') }}{% endblock %}",
        "{% block styles %}<style>h1 { font: 600 12pt 'Source Sans 3' }</style>{% endblock %}",
    ],
)
def test_good_templates_pass(source: str) -> None:
    """What a client may do is not complained about."""
    assert codes(source) == []


def test_own_template_without_blocks_is_named() -> None:
    """A template that replaces ours altogether must have the blocks that a document needs."""
    found = lint_source("de/notice.html.j2", "<html><body>{{ notice.total }}</body></html>")
    assert {finding.code for finding in found} == {"block"}
    assert any("'payment'" in finding.text for finding in found)


def test_mails_may_name_fonts_of_the_reader() -> None:
    """Nothing is embedded in a mail, so it may name fonts."""
    source = '{% extends "central/de/invoice.mail.html.j2" %}{% block closing %}<p style="font-family:Arial">x</p>'
    source += "{% endblock %}"
    assert lint_source("de/invoice.mail.html.j2", source) == ()


def test_folder_is_searched(tmp_path: Path) -> None:
    """All templates of a folder are judged, those of single customers too, and each finding names its file."""
    folder = tmp_path / "customers" / "10042" / "de"
    folder.mkdir(parents=True)
    (folder / "invoice.html.j2").write_text(EXTENDS + "{{ nobody }}", encoding="utf-8")
    (finding,) = lint(tmp_path)
    assert str(finding) == "customers/10042/de/invoice.html.j2:2: Die Variable 'nobody' gibt es hier nicht."
