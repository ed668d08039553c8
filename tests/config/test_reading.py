"""YAML becomes plain values without surprises, each with its line."""

from decimal import Decimal

import pytest

from config.reading import MOST_BYTES, UnreadableYaml, read_yaml


def test_values_mean_what_is_written() -> None:
    """YAML 1.2: yes and dates are texts, 5.00 is an exact Decimal, and leading zeros stay."""
    document = read_yaml(b"a: yes\nb: 2026-11-01\nc: 5.00\nd: 01067\ne: 14\nf: true\ng:\nh: +4989\ni: '7'\nj: 1e3\n")
    assert document.values == {
        "a": "yes", "b": "2026-11-01", "c": Decimal("5.00"), "d": "01067", "e": 14,
        "f": True, "g": None, "h": "+4989", "i": "7", "j": "1e3",
    }  # fmt: skip


def test_lines_count_from_one() -> None:
    """Every key and list item has its line."""
    document = read_yaml(b"# Kopf\na:\n  b: 1\n  c:\n    - x\n    - y: 2\n")
    assert document.line_of(("a", "b")) == 3
    assert document.line_of(("a", "c", 1, "y")) == 6
    assert document.line_of(("a", "missing", "deeper")) == 2
    assert document.value_at(("a", "c", 1, "y")) == 2


def test_named_sections_may_be_used_again() -> None:
    """Anchors and << work; an entry written out wins over an included one, and the line is its own."""
    document = read_yaml(b"base: &b {days: 5, action: task}\none:\n  <<: *b\n  days: 7\ntwo: *b\n")
    assert document.values["one"] == {"days": 7, "action": "task"}
    assert document.values["two"] == {"days": 5, "action": "task"}
    assert document.line_of(("one", "days")) == 4
    assert document.line_of(("one", "action")) == 1


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, 1, "„a“ steht schon in Zeile 1"),
        (b"a: 1\n\tb: 2\n", 2, 1, "Tabulator"),
        (b"a: 1\nb: 'x\nc: 2\nd: 3\n", 2, 4, "Anführungszeichen wird nicht geschlossen"),
        (b"a: 1\n---\nb: 2\n", 2, 1, "mehrere YAML-Dokumente"),
        ("a: 1\nb: Büro\n".encode("latin-1"), 2, 5, "UTF-8"),
        (b"a: 1\nb: \x07\n", 2, 4, "Steuerzeichen"),
        (b"- a\n- b\n", 1, 1, "name: wert"),
        (b"? {a: 1}\n: 2\n", 1, 3, "einfacher Text"),
        (b"a: &a [*a]\n", 1, 4, "enthält sich selbst"),
        (b"a: &a {<<: *a}\n", 1, 1, "zu tief verschachtelt"),
        (b"a: " + b"[" * 5000, 1, 1, "zu tief verschachtelt"),
        (b"a: !!python/object:os.system x\n", 1, 4, "Eigene Typen"),
        (b"a: &a [1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(6)
        ), 1, 14, "mehr als 10000 Einträge"),
        (b"a" * (MOST_BYTES + 1), 1, 1, "größer als 256 KiB"),
    ],
)  # fmt: skip
def test_unreadable_text_is_refused(content: bytes, line: int, column: int, message: str) -> None:
    """What is no plain YAML is refused at its place, without quoting it."""
    with pytest.raises(UnreadableYaml, match=message) as caught:
        read_yaml(content)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.cure
