"""A document's boxes before layout, and what in them says something (a galley holds type that is not yet a page)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import LayoutContext

Box = Any
"""A box of the engine, before or after layout."""
Words = tuple[object, ...]
"""What a numbered box says: the texts of a line, a picture."""

_TABLE_PARTS = (boxes.TableRowGroupBox, boxes.TableRowBox, boxes.TableCellBox)
_INLINE = (boxes.LineBox, boxes.InlineBox, boxes.TextBox)


class Galley:
    """The boxes, numbered so that their copies on the pages are found again.

    A line before layout is numbered as a whole; all lines of its paragraph will have its number.
    """

    def __init__(self, root: Box) -> None:
        self.root = root
        self.boxes = list(_blocks(root))
        for number, box in enumerate(self.boxes):
            box.number_in_galley = number
        self.skeleton = tuple((type(box), box.element_tag, len(box.children)) for box in self.boxes)
        """Alike in documents of which one can be printed from the forme of the other."""
        self.words = {number: words for number, box in enumerate(self.boxes) if (words := _words(box))}
        self.misfits: dict[int, set[int]] = defaultdict(set)
        """By paragraph: into how many lines it has been seen not to go."""

    def firm_lines(self, context: LayoutContext) -> Iterator[int]:
        """Numbers of the lines whose words change neither widths nor, by themselves, with the page they come to."""
        counting = {(box.element, box.element_tag) for box, _ in context.target_collector.counter_lookup_items}
        for line in _firm_lines(self.root):
            if not any((part.element, part.element_tag) in counting for part in line.descendants()):
                yield line.number_in_galley

    def string(self, name: str) -> str | None:
        """What margins show under this name, if exactly one box says it (CSS Generated Content, `string-set`)."""
        said = [text for box in self.boxes if box.string_set for own, text in box.string_set if own == name]
        return said[0] if len(said) == 1 else None


def _blocks(box: Box) -> Iterator[Box]:
    yield box
    if not isinstance(box, boxes.LineBox):
        for child in box.children:
            yield from _blocks(child)


def _words(box: Box) -> Words:
    if isinstance(box, boxes.LineBox):
        return tuple(_word(part) for part in box.descendants())
    return () if box.children else _word(box)


def _word(box: Box) -> Words:
    if isinstance(box, boxes.TextBox):
        return (type(box), box.element_tag, box.text)
    if isinstance(box, boxes.ReplacedBox):
        return (type(box), box.element_tag, box.replacement)
    return (type(box), box.element_tag, len(box.children))


def _firm_lines(box: Box) -> Iterator[Box]:
    if isinstance(box, boxes.LineBox):
        if all(_is_plain(part) for part in box.descendants()):
            yield box
    elif _is_firm(box):
        for child in box.children:
            yield from _firm_lines(child)


def _is_firm(box: Box) -> bool:
    """Whether the width of a block, and where its children stand, is the same whatever they say."""
    if isinstance(box, _TABLE_PARTS):
        return True
    style = box.style
    width = style["width"]
    if box.first_letter_style is not None or box.first_line_style is not None or style["max_lines"] != "none":
        return False
    if isinstance(width, str) and width != "auto":
        return False
    if isinstance(box, boxes.TableBox):
        return bool(style["table_layout"] == "fixed" and width != "auto")
    if type(box) is not boxes.BlockBox or (style["column_width"], style["column_count"]) != ("auto", "auto"):
        return False
    return bool(style["position"] in ("static", "relative") or (style["position"] == "absolute" and width != "auto"))


def _is_plain(part: Box) -> bool:
    return (
        type(part) in _INLINE
        and part.style["position"] == "static"
        and part.first_letter_style is None
        and not part.bookmark_label
        and not part.string_set
    )
