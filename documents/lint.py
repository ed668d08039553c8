"""What is wrong with a template before it meets a real invoice: unknown names, blocks, arithmetic, fonts, addresses."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents.fonts import FAMILY
from documents.letter import SellerView
from documents.notice_view import NoticeView
from documents.templates import FOLDER
from documents.view import InvoiceView

VIEWS: dict[str, type] = {"invoice": InvoiceView, "notice": NoticeView, "seller": SellerView}
_LETTER = frozenset({"seller", "recipient", "is_crowded", "footer", "foot", "logo", "language", "created", "words"})
_MAIL = frozenset(
    {"seller", "has_xml", "has_xrechnung", "has_letter", "invoice_count", "accent", "accent_text", "first_mailed"}
)
_ALERT = frozenset({"alert", "seller"})
# By the end of the file name: what a template of that kind is given.
GIVEN = (
    ("alert.subject.txt.j2", _ALERT | {"company"}),
    ("alert.txt.j2", _ALERT),
    ("alert.mail.html.j2", _ALERT | {"language", "accent", "accent_text"}),
    (".css.j2", frozenset({"language", "accent", "accent_text"})),
    (".subject.txt.j2", frozenset({"invoice", "notice", "seller", "company", "number", "first_mailed"})),
    (".mail.html.j2", _MAIL | {"invoice", "notice", "language"}),
    ("mail.html.j2", _MAIL | {"invoice", "notice", "language"}),
    (".txt.j2", _MAIL | {"invoice", "notice"}),
    (".html.j2", _LETTER | {"invoice", "notice"}),
    ("words.j2", frozenset[str]()),
    (".j2", frozenset[str]()),
)
# What a document that extends nothing of ours must have, so that blocks can be changed and nothing is forgotten.
NEEDED = {
    "invoice.html.j2": frozenset({"subject", "details", "lines", "totals", "payment", "closing"}),
    "notice.html.j2": frozenset({"subject", "details", "statement", "payment", "closing"}),
}
_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos)
_RECKONING_FILTERS = frozenset({"abs", "float", "int", "round", "sum", "max", "min"})
_ADDRESS = re.compile(r"(?:https?|ftp|file|data):[^\s\"')]*|(?:src|href)\s*=\s*[\"']//[^\"']*", re.IGNORECASE)
_NAMESPACE = "http://www.w3.org/2000/svg"
_FONT = re.compile(r"font-family\s*:\s*([^;}\"]+)|(?<![-\w])font\s*:[^;}]*?\d[\w.%]*(?:/[\w.%]+)?\s+([^;}\d][^;}]*)")
_GENERIC = frozenset({"inherit", "initial", "unset"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in line `line` of a template; `code` is stable, `text` German and says what to change."""

    file: str
    line: int
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def lint(folder: Path = FOLDER) -> tuple[Finding, ...]:
    """Every fault of the templates in a folder, the client's or our own, by file and line."""
    found: list[Finding] = []
    for path in sorted(folder.rglob("*.j2")):
        found += lint_source(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))
    return tuple(found)


def lint_source(name: str, source: str) -> tuple[Finding, ...]:
    """Every fault of one template. `name` is its path below the templates' folder, such as `de/invoice.html.j2`."""
    environment = ImmutableSandboxedEnvironment()
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return (Finding(name, error.lineno, "syntax", f"Die Vorlage ist nicht lesbar: {error.message}."),)
    found = [*_names(name, tree), *_attributes(name, tree), *_arithmetic(name, tree), *_blocks(name, tree, environment)]
    found += _texts(name, source)
    return tuple(sorted(set(found), key=lambda each: (each.line, each.code, each.text)))


def _names(name: str, tree: nodes.Template) -> Iterator[Finding]:
    given = next((names for ending, names in GIVEN if name.endswith(ending)), frozenset[str]())
    for unknown in sorted(meta.find_undeclared_variables(tree) - given - _declared(tree)):
        line = next((node.lineno for node in tree.find_all(nodes.Name) if node.name == unknown), 1)
        yield Finding(name, line, "variable", f"Die Variable {unknown!r} gibt es hier nicht.")


def _declared(tree: nodes.Template) -> set[str]:
    """What the file itself names at its top, which its blocks may use."""
    found = {node.target for node in tree.find_all(nodes.Import)} | {node.name for node in tree.find_all(nodes.Macro)}
    for node in tree.find_all(nodes.FromImport):
        found |= {each if isinstance(each, str) else each[1] for each in node.names}
    return found | {each.name for each in tree.find_all(nodes.Name) if each.ctx == "store"}


def _attributes(name: str, tree: nodes.Template) -> Iterator[Finding]:
    """`invoice.nubmer`, also through loops: `for row in invoice.rows` makes `row` a line of the table."""
    for node, owner in _accesses(tree, VIEWS):
        if node.attr not in _members(owner):
            text = f"{_shown(node.node)}.{node.attr} gibt es nicht. Vorhanden: {', '.join(sorted(_members(owner)))}."
            yield Finding(name, node.lineno, "attribute", text)


def _accesses(node: nodes.Node, known: Mapping[str, type]) -> Iterator[tuple[nodes.Getattr, type]]:
    """Every attribute that is asked of a view, with the view; `known` are the names in sight."""
    owner = _kind_of(node.node, known) if isinstance(node, nodes.Getattr) else None
    if isinstance(node, nodes.Getattr) and owner is not None:
        yield node, owner
    inside = known
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        kind = _kind_of(node.iter, known)
        others = {name: each for name, each in known.items() if name != node.target.name}
        inside = others if kind is None else others | {node.target.name: kind}
    for child in node.iter_child_nodes():
        yield from _accesses(child, inside)


def _kind_of(node: nodes.Node, known: Mapping[str, type]) -> type | None:
    """The view that an expression stands for, or one of its items for a sequence of views."""
    if isinstance(node, nodes.Name):
        return known.get(node.name)
    if isinstance(node, nodes.Getattr):
        owner = _kind_of(node.node, known)
        return _member_kind(owner, node.attr) if owner is not None else None
    return None


def _member_kind(owner: type, attribute: str) -> type | None:
    hint = get_type_hints(owner).get(attribute)
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and is_dataclass(candidate):
            return candidate
    return None


def _members(owner: type) -> set[str]:
    properties = {name for name in vars(owner) if isinstance(vars(owner)[name], property)}
    return {field.name for field in fields(owner)} | properties


def _shown(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_shown(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "…"


def _arithmetic(name: str, tree: nodes.Template) -> Iterator[Finding]:
    text = "Vorlagen rechnen nicht; der Wert muss fertig übergeben werden."
    for node in tree.find_all(_ARITHMETIC):
        if not _is_index(node):
            yield Finding(name, node.lineno, "arithmetic", text)
    for call in tree.find_all(nodes.Filter):
        if call.name in _RECKONING_FILTERS:
            yield Finding(name, call.lineno, "arithmetic", f"{text} (Filter {call.name})")


def _is_index(node: nodes.Node) -> bool:
    """-1 counts places from the end, it is no amount."""
    return isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const)


def _blocks(name: str, tree: nodes.Template, environment: Environment) -> Iterator[Finding]:
    """Blocks that would never be printed, and needed ones that are gone: not there, or replaced with what held them."""
    own = {block.name: block for block in tree.find_all(nodes.Block)}
    needed = NEEDED.get(name.rpartition("/")[2], frozenset())
    parents = [node.template.value for node in tree.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)]
    if not parents:
        gone = needed - set(own) if "/" in name else frozenset[str]()
    else:
        held = _held(parents[0], environment)
        inner = {nested.name for block in own.values() for nested in block.find_all(nodes.Block)}
        for block in sorted(set(own) - set(held) - inner):
            known = ", ".join(sorted(held))
            text = f"Der Block {block!r} fehlt in {parents[0]}; er würde nie gedruckt. Vorhanden: {known}."
            yield Finding(name, own[block].lineno, "block", text)
        replaced = [block for block in own if block in held and not _keeps_parent(own[block])]
        gone = frozenset().union(*(held[block] for block in replaced)) & needed - set(own)
    for missing in sorted(gone):
        yield Finding(name, 1, "block", f"Der Block {missing!r} fehlt in dieser Vorlage.")


def _keeps_parent(block: nodes.Block) -> bool:
    calls = (call.node for call in block.find_all(nodes.Call))
    return any(isinstance(called, nodes.Name) and called.name == "super" for called in calls)


def _held(parent: str, environment: Environment) -> dict[str, frozenset[str]]:
    """The blocks of a central template and of those that it extends, each with the blocks inside of it."""
    path = FOLDER / parent.removeprefix("central/")
    if not path.is_file():
        return {}
    tree = environment.parse(path.read_text(encoding="utf-8"))
    grand = [node.template.value for node in tree.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)]
    found = _held(grand[0], environment) if grand else {}
    for block in tree.find_all(nodes.Block):
        found[block.name] = frozenset(nested.name for nested in block.find_all(nodes.Block))
    return found


def _texts(name: str, source: str) -> Iterator[Finding]:
    for number, line in enumerate(source.splitlines(), 1):
        for address in _ADDRESS.findall(line):
            if address != _NAMESPACE:
                yield Finding(name, number, "address", f"Dokumente laden nichts nach: {address} entfernen.")
        if not _is_mail(name):
            yield from (Finding(name, number, "font", _font_text(font)) for font in _foreign_fonts(line))


def _is_mail(name: str) -> bool:
    """Mails name fonts of the reader's machine; nothing is embedded in them."""
    return "mail" in name.rpartition("/")[2]


def _font_text(font: str) -> str:
    return f"Die Schrift {font!r} ist nicht mitgeliefert und würde nicht eingebettet; vorhanden ist {FAMILY!r}."


def _foreign_fonts(line: str) -> Iterable[str]:
    for match in _FONT.finditer(line):
        for font in (match[1] or match[2]).split(","):
            plain = font.replace("!important", "").strip().strip("'\"")
            if plain and plain != FAMILY and plain.lower() not in _GENERIC and "{{" not in plain:
                yield plain
