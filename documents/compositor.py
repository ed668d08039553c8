"""The compositor: sets pages with what is left of pages like them, so that the layout engine need not begin anew.

Pages of one look and structure (`documents.structure`) have the same styles, worked out once; and often the same
layout, which is kept as a forme (`documents.forme`). All this is the engine's inner life. So nothing is taken on trust:
what is set with kept things for the first time, and every hundredth time after, has to give the bytes that the engine
gives by itself (`Setting.is_trial`), else it is not used again.
"""

import copy
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from weasyprint.layout import layout_document
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration

from documents.forme import Context, Forme, Galley, may_stand, shape
from documents.structure import structure

STRUCTURES = 32
"""How many structures are remembered, two megabytes each."""
FORMES = 4
"""How many pages of one structure stay standing."""
TRIAL_EVERY = 100
_SHAPES = 256


@dataclass(frozen=True, slots=True)
class Setting:
    """A document ready to be printed at once; a trial is to be compared with what the engine gives by itself."""

    document: Document
    is_trial: bool
    give_up: Callable[[], None]
    """Never use again what this was set with."""


class Compositor:
    """Sets pages one at a time: print a document before the next one is set."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def set(
        self,
        source: HTML,
        look: Hashable,
        font_config: FontConfiguration,
        color_profiles: dict[str, Any],
        **options: Any,
    ) -> Setting:
        """The document that `HTML.render` would give with these options, which are the same for the same `look`."""
        key = (look, structure(source.etree_element))
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _Kept()
            while len(self._kept) > STRUCTURES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        if kept.is_given_up:
            document = source.render(font_config, color_profiles=color_profiles, **options)
            return Setting(document, False, kept.give_up)
        options = DEFAULT_OPTIONS | options
        pages, is_trial = kept.pages(source, font_config, options)
        document = Document(
            [Page(page) for page in pages],
            DocumentMetadata(**get_html_metadata(source)),
            source.url_fetcher,
            font_config,
            color_profiles,
            options["output_intent"],
        )
        return Setting(document, is_trial, kept.give_up)


class _Styles:
    """The styles of a structure, by the place of the element."""

    def __init__(self, source: HTML, fonts: FontConfiguration, stylesheets: list[Any]) -> None:
        self._counters = CounterStyle()
        targets = TargetCollector()
        self._style_for = get_all_computed_styles(
            source, stylesheets, font_config=fonts, counter_style=self._counters, target_collector=targets
        )
        places = {element: place for place, element in enumerate(source.etree_element.iter())}
        computed = self._style_for.get_computed_styles()
        self._styles = [(places[element], pseudo, style) for (element, pseudo), style in computed.items()]

    def galley(self, source: HTML, fonts: FontConfiguration, options: dict[str, Any]) -> tuple[Galley, Context]:
        """The boxes of a document in these styles."""
        elements = list(source.etree_element.iter())
        style_for = copy.copy(self._style_for)
        style_for._cascaded_styles = {}
        style_for._computed_styles = {(elements[place], pseudo): style for place, pseudo, style in self._styles}
        targets = TargetCollector()
        for _, _, style in self._styles:
            if style["anchor"]:
                targets.collect_anchor(style["anchor"])
        images = partial(get_image_from_uri, cache=options["cache"], url_fetcher=source.url_fetcher, options=options)
        context = Context(style_for, images, fonts, self._counters, targets)
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
        self._formes: deque[Forme] = deque(maxlen=FORMES)
        self._shapes: deque[tuple[int, ...]] = deque(maxlen=_SHAPES)
        self._uses = 0

    def give_up(self) -> None:
        """Leave pages of this structure to the engine."""
        self.is_given_up = True

    def pages(self, source: HTML, fonts: FontConfiguration, options: dict[str, Any]) -> tuple[list[Any], bool]:
        """The page boxes of a document, and whether this is a trial."""
        if self._styles is None:
            self._styles = _Styles(source, fonts, options["stylesheets"])
        else:
            self._uses += 1
        galley, context = self._styles.galley(source, fonts, options)
        with _formatting(context):
            for forme in self._formes:
                if forme.refilled(galley, context):
                    self._formes.remove(forme)
                    self._formes.appendleft(forme)
                    return [forme.page], forme.uses % TRIAL_EVERY == 1
        pages = list(layout_document(source, galley.root, context))
        if may_stand(galley, pages, context):
            self._keep(galley, pages[0], context)
        return pages, self._uses % TRIAL_EVERY == 1

    def _keep(self, galley: Galley, page: Any, context: Context) -> None:
        """Let a page stand whose shape has come before: many never come again."""
        found = shape(page)
        if found in self._shapes:
            with _formatting(context):
                self._formes.appendleft(Forme(galley, page, context))
        else:
            self._shapes.append(found)


@contextmanager
def _formatting(context: Context) -> Iterator[None]:
    """Lines can be set: nothing flows around anything."""
    context.create_block_formatting_context()
    try:
        yield
    finally:
        context.finish_block_formatting_context()
