"""The compositor: sets pages with what is left of pages like them, so that the layout engine need not begin anew.

Pages of one style sheet and structure (`documents.structure`) have the same styles, worked out once; and often the same
layout, which is kept as a forme (`documents.forme`). All this is the engine's inner life. So nothing is taken on trust:
what is set with kept things for the first time, and every hundredth time after, has to give the bytes that the engine
gives by itself, else it is not used again. Nor is it where it fails: that costs time and no invoice.
"""

import copy
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from weasyprint import DEFAULT_OPTIONS, HTML
from weasyprint.css import get_all_computed_styles
from weasyprint.css.counters import CounterStyle
from weasyprint.css.targets import TargetCollector
from weasyprint.document import Document, Page
from weasyprint.formatting_structure.build import build_formatting_structure
from weasyprint.html import get_html_metadata
from weasyprint.images import get_image_from_uri
from weasyprint.layout import LayoutContext, layout_document
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration

from documents.errors import DocumentError
from documents.forme import Forme, may_stand, shape
from documents.galley import Galley
from documents.structure import structure

STRUCTURES = 32
"""How many structures are remembered, a megabyte each."""
STANDING = 48
"""How many pages of all structures stay standing, a megabyte each."""
TRIAL_EVERY = 100
_SHAPES = 256
# What code raises that finds the engine's inner life other than it thought.
_SURPRISES = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
_VIEWPORT = ("html", "body")

Write = Callable[[Document], bytes]
_log = logging.getLogger(__name__)


class Compositor:
    """Prints pages one at a time; `counts` says how many were set by the engine, in kept styles, on a forme."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(engine=0, styles=0, forme=0)
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def printed(self, source: HTML, write: Write, settings: dict[str, Any]) -> bytes:
        """What `write` makes of the document that `source.render(**settings)` gives, sooner.

        Pages with the same style sheets, which are `CSS` objects, have the same settings but for the cache of images.
        """
        kept = self._kept_for((tuple(settings["stylesheets"]), structure(source.etree_element)))
        if kept.is_given_up:
            return write(source.render(**settings))
        try:
            document, is_trial = kept.document(source, self.counts, **settings)
            made = write(document)
        except DocumentError:
            raise
        except _SURPRISES as surprise:
            _log.warning("Kept layout cannot be used for such pages: %r", surprise)
            kept.give_up()
            return write(source.render(**settings))
        self._clear_up()
        if not is_trial:
            return made
        by_the_engine = write(source.render(**settings))
        if made != by_the_engine:
            _log.warning("Kept layout gives other bytes than the engine; it is not used again for such pages.")
            kept.give_up()
        return by_the_engine

    def _kept_for(self, key: Hashable) -> "_Kept":
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        return kept

    def _clear_up(self) -> None:
        """Let go of what was not used for longest."""
        while len(self._kept) > STRUCTURES:
            self._kept.popitem(last=False)
        while sum(len(forme.pages) for kept in self._kept.values() for forme in kept.formes) > STANDING:
            next(kept for kept in self._kept.values() if kept.formes).formes.pop()


class _Styles:
    """The styles of a structure, by the place of the element."""

    def __init__(self, source: HTML, fonts: FontConfiguration, stylesheets: list[Any]) -> None:
        self._counters = CounterStyle()
        targets = TargetCollector()
        self._style_for = get_all_computed_styles(
            source,
            stylesheets,
            font_config=fonts,
            counter_style=self._counters,
            color_profiles={},
            page_rules=[],
            layers=[],
            target_collector=targets,
        )
        places = {element: place for place, element in enumerate(source.etree_element.iter())}
        computed = self._style_for.get_computed_styles()
        self._styles = [(places[element], pseudo, style) for (element, pseudo), style in computed.items()]
        roots = [style for (element, pseudo), style in computed.items() if element.tag in _VIEWPORT and not pseudo]
        self._overflow = [(style, style["overflow"]) for style in roots]

    def galley(self, source: HTML, fonts: FontConfiguration, options: dict[str, Any]) -> tuple[Galley, LayoutContext]:
        """The boxes of a document in these styles."""
        for style, overflow in self._overflow:
            # The engine moves it to the page.
            style["overflow"] = overflow
        elements = list(source.etree_element.iter())
        style_for = copy.copy(self._style_for)
        style_for._cascaded_styles = {}
        style_for._computed_styles = {(elements[place], pseudo): style for place, pseudo, style in self._styles}
        targets = TargetCollector()
        for _, _, style in self._styles:
            if style["anchor"]:
                targets.collect_anchor(style["anchor"])
        images = partial(get_image_from_uri, cache=options["cache"], url_fetcher=source.url_fetcher, options=options)
        context = LayoutContext(style_for, images, fonts, self._counters, targets)
        root = build_formatting_structure(
            source.etree_element,
            style_for,
            context.get_image_from_uri,
            source.base_url,
            targets,
            self._counters,
            context.footnotes,
        )
        return Galley(root), context


class _Kept:
    """What is left of the pages of one structure: their styles, some pages, and which shapes came."""

    def __init__(self) -> None:
        self.is_given_up = False
        self._styles: _Styles | None = None
        self.formes: deque[Forme] = deque()
        self._shapes: deque[tuple[int, ...]] = deque(maxlen=_SHAPES)
        self._uses = 0

    def give_up(self) -> None:
        """Leave pages of this structure to the engine, and let go of what was kept."""
        self.is_given_up = True
        self._styles = None
        self.formes.clear()

    def document(
        self,
        source: HTML,
        counts: Counter[str],
        font_config: FontConfiguration,
        color_profiles: dict[str, Any],
        **options: Any,
    ) -> tuple[Document, bool]:
        """The laid-out document, and whether this is a trial."""
        options = DEFAULT_OPTIONS | options
        pages, way, uses = self._pages(source, font_config, options)
        counts[way] += 1
        metadata = DocumentMetadata(**get_html_metadata(source))
        document = Document(
            [Page(page) for page in pages],
            metadata,
            source.url_fetcher,
            font_config,
            color_profiles,
            options["output_intent"],
        )
        return document, uses % TRIAL_EVERY == 1

    def _pages(self, source: HTML, fonts: FontConfiguration, options: dict[str, Any]) -> tuple[list[Any], str, int]:
        """The page boxes, in which way they were set, and for the how manyeth time with the same kept things."""
        way = "styles" if self._styles else "engine"
        if self._styles is None:
            self._styles = _Styles(source, fonts, options["stylesheets"])
        galley, context = self._styles.galley(source, fonts, options)
        with _formatting(context):
            for forme in self.formes:
                if forme.refilled(galley, context):
                    self.formes.remove(forme)
                    self.formes.appendleft(forme)
                    return forme.pages, "forme", forme.uses
        pages = list(layout_document(source, galley.root, context))
        if may_stand(galley, pages):
            self._keep(galley, pages, context)
        self._uses += way == "styles"
        return pages, way, self._uses

    def _keep(self, galley: Galley, pages: list[Any], context: LayoutContext) -> None:
        """Let pages stand whose shape has come before: many never come again."""
        found = shape(pages)
        if found in self._shapes:
            with _formatting(context):
                self.formes.appendleft(Forme(galley, pages, context))
        else:
            self._shapes.append(found)


@contextmanager
def _formatting(context: LayoutContext) -> Iterator[None]:
    """Lines can be set: nothing flows around anything."""
    context.create_block_formatting_context()
    try:
        yield
    finally:
        context.finish_block_formatting_context()
