"""Standing type: pages that have been laid out and are printed again with other words.

Where everything goes takes a layout engine most of its time, and for two invoices of one template that comes to the
same: they differ in words that move nothing, as long as every paragraph keeps the number and height of its lines. A
forme keeps the pages of such an invoice, sets the paragraphs anew whose words differ, with the engine's own line
breaking, and leaves the rest standing. What comes of it are the bytes that a layout from the beginning gives, or
nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import isclose

from weasyprint.formatting_structure import boxes
from weasyprint.formatting_structure.build import create_anonymous_boxes
from weasyprint.layout import LayoutContext
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.layout.background import layout_box_backgrounds
from weasyprint.layout.inline import iter_line_boxes

from documents.galley import Box, Galley

MAX_PAGES = 3
"""Longer documents are seldom alike."""
_LAST_BITS = 1e-9


@dataclass(frozen=True, slots=True)
class Place:
    """A box on a page, and the box that holds it."""

    box: Box
    holder: Box
    page: Box


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of lines on a page, and nothing else in it."""

    block: Box
    page: Box


class Forme:
    """Laid-out pages that stay standing. Changed by every `refilled`: print them before the next one."""

    def __init__(self, galley: Galley, pages: list[Box], context: LayoutContext) -> None:
        """Keep the pages of this galley, which `may_stand`; `context` is as for `refilled`."""
        self.pages = pages
        self.uses = 0
        self._skeleton = galley.skeleton
        self._words = galley.words
        self._places = _places(pages)
        self._margins = [(Paragraph(margin, page), name) for page, margin, name in _running(pages)]
        self._paragraphs = {}
        for number in galley.firm_lines(context):
            paragraph = _paragraph(self._places[number])
            # Its own words must come to stand where they are, to the last bit.
            if paragraph and _identical(_lines(paragraph, galley.boxes[number], context), paragraph.block.children):
                self._paragraphs[number] = paragraph

    def refilled(self, galley: Galley, context: LayoutContext) -> bool:
        """Whether the pages say now what the galley says; if they cannot, they are left as they were.

        `context` is the document's, with a block formatting context begun.
        """
        if not self._may_say(galley):
            return False
        changed = [number for number, words in galley.words.items() if words != self._words[number]]
        pictures = [number for number in changed if _is_framed_picture(galley.boxes[number])]
        anew = []
        for number in changed:
            if number not in pictures:
                paragraph = self._paragraphs.get(number)
                lines = _lines(paragraph, galley.boxes[number], context) if paragraph else []
                if not (paragraph and lines):
                    self._note_misfit(number, galley)
                    return False
                anew.append((paragraph, lines))
        for paragraph, name in self._margins:
            lines = _margin_lines(paragraph, galley.string(name), context)
            if not lines:
                return False
            anew.append((paragraph, lines))
        for paragraph, lines in anew:
            _stand(paragraph, lines, context)
        for number in pictures:
            for place in self._places[number]:
                place.box.replacement = galley.boxes[number].replacement
        self._take_headings(galley)
        self._words = galley.words
        self.uses += 1
        return True

    def _may_say(self, galley: Galley) -> bool:
        if galley.skeleton != self._skeleton or galley.words.keys() != self._words.keys():
            return False
        return not any(
            len(paragraph.block.children) in galley.misfits[number]
            for number, paragraph in self._paragraphs.items()
            if number in galley.misfits
        )

    def _note_misfit(self, number: int, galley: Galley) -> None:
        """Other formes need not try."""
        if number in self._paragraphs:
            galley.misfits[number].add(len(self._paragraphs[number].block.children))

    def _take_headings(self, galley: Galley) -> None:
        """For the table of contents that readers show beside the page."""
        for number, box in enumerate(galley.boxes):
            for place in self._places[number] if box.bookmark_label else ():
                # Only the first copy has one, lest it be named twice.
                if place.box.bookmark_label:
                    place.box.bookmark_label = box.bookmark_label


def may_stand(galley: Galley, pages: list[Box]) -> bool:
    """Whether a document can be kept as a forme.

    Not if texts flow around something, or if a margin shows what the text says in a way that may move others.
    """
    return (
        len(pages) <= MAX_PAGES
        and not any(box.is_floated() for box in galley.boxes)
        and all(_is_simple(margin, page, galley) for page in pages for margin in _margins_with_strings(page))
    )


def shape(pages: list[Box]) -> tuple[int, ...]:
    """How many lines each paragraph of the pages has."""
    return tuple(len(places) for _, places in sorted(_places(pages).items()))


def _lines(paragraph: Paragraph, line: Box, context: LayoutContext) -> list[Box]:
    """The lines with the words of `line`, a line before layout; none unless as many and as high as those that stand."""
    block, standing = paragraph.block, paragraph.block.children
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


def _margin_lines(paragraph: Paragraph, text: str | None, context: LayoutContext) -> list[Box]:
    """The line of a margin with another text, made as the engine makes it."""
    margin = paragraph.block
    margin = margin.copy_with_children([boxes.TextBox.anonymous_from(margin, text or "")])
    margin.process_whitespace()
    margin.process_text_transform()
    lines = create_anonymous_boxes(margin).children
    return _lines(paragraph, lines[0], context) if lines else []


def _stand(paragraph: Paragraph, lines: list[Box], context: LayoutContext) -> None:
    for line in lines:
        layout_box_backgrounds(paragraph.page, line, context.get_image_from_uri)
    paragraph.block.children = lines


def _is_framed_picture(box: Box) -> bool:
    """Whether it is a picture whose size the style sheet says."""
    return isinstance(box, boxes.ReplacedBox) and "auto" not in (box.style["width"], box.style["height"])


def _places(pages: list[Box]) -> dict[int, list[Place]]:
    """The copies of every numbered box on the pages."""
    found: dict[int, list[Place]] = defaultdict(list)

    def look_into(holder: Box, page: Box) -> None:
        for child in holder.children:
            box = child._box if isinstance(child, AbsolutePlaceholder) else child
            if (number := getattr(box, "number_in_galley", None)) is not None:
                found[number].append(Place(box, holder, page))
            if not isinstance(box, boxes.LineBox):
                look_into(box, page)

    for page in pages:
        look_into(page, page)
    return found


def _paragraph(places: list[Place]) -> Paragraph | None:
    """The block that holds these lines, unless they stand in several or have company."""
    if not places:
        return None
    block = places[0].holder
    is_alone = len(block.children) == len(places) and all(place.holder is block for place in places)
    return Paragraph(block, places[0].page) if is_alone else None


def _margins_with_strings(page: Box) -> Iterator[Box]:
    for box in page.children:
        if isinstance(box, boxes.MarginBox) and any(kind == "string()" for kind, _ in box.style["content"]):
            yield box


def _running(pages: list[Box]) -> Iterator[tuple[Box, Box, str]]:
    """Pages with the margins that show a string, and its name."""
    for page in pages:
        for margin in _margins_with_strings(page):
            if margin.children:
                _, (name, _) = margin.style["content"][0]
                yield page, margin, name


def _is_simple(margin: Box, page: Box, galley: Galley) -> bool:
    """Whether a margin shows one string and nothing else, in one line, and has its side of the page to itself."""
    if len(margin.style["content"]) != 1:
        return False
    _, (name, _) = margin.style["content"][0]
    side = margin.at_keyword.partition("-")[0]
    beside = [box for box in page.children if isinstance(box, boxes.MarginBox) and box.at_keyword.startswith(side)]
    return len(beside) == 1 and len(margin.children) <= 1 and galley.string(name) is not None


def _identical(fresh: list[Box], standing: list[Box]) -> bool:
    return bool(fresh) and all(map(_same_places, fresh, standing))


def _same_places(fresh: Box, standing: Box) -> bool:
    return _rectangles(fresh) == _rectangles(standing)


def _rectangles(line: Box) -> list[tuple[float, ...]]:
    return [(box.position_x, box.position_y, box.width, box.height) for box in line.descendants()]
