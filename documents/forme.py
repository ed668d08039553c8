"""Standing type: a page that has been laid out and is printed again with other words.

Where everything goes takes a layout engine most of its time, and for two invoices of one template that comes to the
same: they differ in words that move nothing, as long as every paragraph keeps the number and height of its lines. A
forme keeps such a page, sets the paragraphs anew whose words differ, with the engine's own line breaking, and leaves
the rest standing. What comes of it are the bytes that a layout from the beginning gives, or nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, islice
from math import isclose
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import LayoutContext
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.background import layout_box_backgrounds
from weasyprint.layout.inline import iter_line_boxes

Box = Any
Words = tuple[object, ...]
"""What a numbered box says: the texts of a line, a picture."""

_TABLE_PARTS = (boxes.TableRowGroupBox, boxes.TableRowBox, boxes.TableCellBox)
_LAST_BITS = 1e-9
_INLINE = (boxes.LineBox, boxes.InlineBox, boxes.TextBox)


class Context(LayoutContext):  # type: ignore[misc]
    """The engine's context of one document, which remembers whether a margin shows what the text says."""

    shows_strings = False

    def get_string_set_for(self, page: Box, name: str, keyword: str = "first") -> Any:
        """The engine's own answer."""
        self.shows_strings = True
        return super().get_string_set_for(page, name, keyword)


class Galley:
    """A document's boxes before layout, numbered, so that their copies on the page are found again."""

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

    def firm_lines(self) -> Iterator[int]:
        """Numbers of the lines that stand in blocks whose width does not depend on them."""
        return _firm_lines(self.root)


class Forme:
    """A laid-out page that stays standing. Changed by every `refilled`: print the page before the next one."""

    def __init__(self, galley: Galley, page: Box, context: Context) -> None:
        self.page = page
        self.uses = 0
        self._skeleton = galley.skeleton
        self._words = galley.words
        self._places = _places(page)
        self._paragraphs = {}
        for number in galley.firm_lines():
            block = _block(self._places[number])
            # Its own words must come to stand where they are, to the last bit.
            if block and _identical(_lines(block, galley.boxes[number], context), block.children):
                self._paragraphs[number] = block

    def refilled(self, galley: Galley, context: Context) -> bool:
        """Whether the page says now what the galley says; if it cannot, it is left as it was.

        `context` is the document's, with a block formatting context begun.
        """
        if not self._may_say(galley):
            return False
        changed = [number for number, words in galley.words.items() if words != self._words[number]]
        pictures = [number for number in changed if _is_framed_picture(galley.boxes[number])]
        lines = {}
        for number in changed:
            if number not in pictures:
                lines[number] = self._set_anew(number, galley, context)
                if not lines[number]:
                    return False
        for line in chain.from_iterable(lines.values()):
            layout_box_backgrounds(self.page, line, context.get_image_from_uri)
        for number, fresh in lines.items():
            self._paragraphs[number].children = fresh
        for number in pictures:
            for copy in self._copies(number):
                copy.replacement = galley.boxes[number].replacement
        self._take_headings(galley)
        self._words = galley.words
        self.uses += 1
        return True

    def _may_say(self, galley: Galley) -> bool:
        if galley.skeleton != self._skeleton or galley.words.keys() != self._words.keys():
            return False
        return not any(
            len(block.children) in galley.misfits[number]
            for number, block in self._paragraphs.items()
            if number in galley.misfits
        )

    def _set_anew(self, number: int, galley: Galley, context: Context) -> list[Box]:
        block = self._paragraphs.get(number)
        if not block:
            return []
        fresh = _lines(block, galley.boxes[number], context)
        if not fresh:
            galley.misfits[number].add(len(block.children))
        return fresh

    def _take_headings(self, galley: Galley) -> None:
        """For the table of contents that readers show beside the page."""
        for number, box in enumerate(galley.boxes):
            for copy in self._copies(number) if box.bookmark_label else ():
                # Only the first copy has one, lest it be named twice.
                if copy.bookmark_label:
                    copy.bookmark_label = box.bookmark_label

    def _copies(self, number: int) -> list[Box]:
        return [box for box, _ in self._places[number]]


def may_stand(galley: Galley, pages: list[Box], context: Context) -> bool:
    """Whether a document can be kept as a forme: one page, nothing that texts flow around, no text shown twice."""
    return len(pages) == 1 and not context.shows_strings and not any(box.is_floated() for box in galley.boxes)


def shape(page: Box) -> tuple[int, ...]:
    """How many lines each paragraph of the page has."""
    return tuple(len(places) for _, places in sorted(_places(page).items()))


def _lines(block: Box, line: Box, context: Context) -> list[Box]:
    """The lines of a block with the words of `line`, a line before layout; none unless as many and as high as now."""
    standing = block.children
    line.position_x, line.position_y = block.content_box_x(), standing[0].position_y
    laid = iter_line_boxes(context, line, line.position_y, 0, None, block, [], [], None, None)
    found = list(islice(laid, len(standing) + 1))
    if len(found) != len(standing):
        return []
    for (fresh, resume_at), old in zip(found, standing, strict=True):
        if (fresh.height, fresh.baseline) != (old.height, old.baseline):
            return []
        fresh.resume_at = resume_at
        _level(fresh, old)
    return [fresh for fresh, _ in found]


def _level(fresh: Box, standing: Box) -> None:
    """Put the parts of a line as high as those that stand there.

    The engine reckons from the first line and moves the block in the end, we begin at the end: the last bit differs.
    """
    for part, old in zip(fresh.descendants(), standing.descendants(), strict=False):
        if isclose(part.position_y, old.position_y, abs_tol=_LAST_BITS):
            part.position_y = old.position_y


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


def _firm_lines(box: Box) -> Iterator[int]:
    if isinstance(box, boxes.LineBox):
        if all(_is_plain(part) for part in box.descendants()):
            yield box.number_in_galley
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
    )


def _is_framed_picture(box: Box) -> bool:
    """Whether it is a picture whose size the style sheet says."""
    return isinstance(box, boxes.ReplacedBox) and "auto" not in (box.style["width"], box.style["height"])


def _places(page: Box) -> dict[int, list[tuple[Box, Box]]]:
    """The copies of every numbered box on the page, each with the box that holds it."""
    found: dict[int, list[tuple[Box, Box]]] = defaultdict(list)

    def look_into(holder: Box) -> None:
        for child in holder.children:
            box = child._box if isinstance(child, AbsolutePlaceholder) else child
            if (number := getattr(box, "number_in_galley", None)) is not None:
                found[number].append((box, holder))
            if not isinstance(box, boxes.LineBox):
                look_into(box)

    look_into(page)
    return found


def _block(places: list[tuple[Box, Box]]) -> Box | None:
    """The block that holds these lines, unless they stand in several or have company."""
    if not places:
        return None
    block = places[0][1]
    return block if len(block.children) == len(places) and all(holder is block for _, holder in places) else None


def _identical(fresh: list[Box], standing: list[Box]) -> bool:
    return bool(fresh) and all(map(_same_places, fresh, standing))


def _same_places(fresh: Box, standing: Box) -> bool:
    return _rectangles(fresh) == _rectangles(standing)


def _rectangles(line: Box) -> list[tuple[float, ...]]:
    return [(box.position_x, box.position_y, box.width, box.height) for box in line.descendants()]
