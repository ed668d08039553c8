"""From HTML to PDF/A-3b with the electronic invoice inside (ZUGFeRD/Factur-X); the same input gives the same bytes.

The engine is warmed up once per process: one font configuration, one parsed style sheet per look.
"""

import atexit
import gc
import hashlib
import threading
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pydyf
from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from documents import engine_style
from documents.compositor import Compositor
from documents.errors import ForbiddenAsset, TooManyPages
from documents.fonts import FACES
from documents.limits import MAX_PAGES
from documents.logo import logo_of
from documents.look import PNG_TYPE, Look, readable
from documents.structure import decides_styles
from documents.templates import FONTS, templates
from documents.xmp import XML_NAME, packet

_INTENT = "--srgb"
# Python looks through young objects whenever so many are new: every second page, by default eleven times a page.
_NEW_OBJECTS = 10_000
# The layout engine's caches are shared and not made for threads.
_ENGINE = threading.Lock()


class _Refused(FatalURLFetchingError):  # type: ignore[misc]
    """Stops the layout: the engine swallows every ordinary exception of a fetcher and would print a hole."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Assets(URLFetcher):  # type: ignore[misc]
    """Serves the files it was given and nothing else: no network, no disk, no `data:` addresses, no redirects."""

    def __init__(self, files: dict[str, tuple[bytes, str]]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._files = files

    @property
    def addresses(self) -> set[str]:
        """Of all files."""
        return set(self._files)

    def with_pictures(self, pictures: Mapping[str, bytes]) -> "Assets":
        """The same files and these PNG pictures of one document."""
        return Assets(self._files | {address: (content, PNG_TYPE) for address, content in pictures.items()})

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The file of that address, else the rendering stops."""
        if url not in self._files:
            raise _Refused(url)
        content, media_type = self._files[url]
        return URLFetcherResponse(url, content, {"Content-Type": media_type})


@dataclass
class Profile:
    """The colour profile of the output intent, as the engine wants to see one.

    The engine's own class opens the file anew for every document and re-encodes it, the second time with other bytes.
    """

    content: bytes
    name: str = "sRGB2014"
    components: tuple[str, ...] = ("r", "g", "b")
    pdf_reference: bytes | None = None


class WellFormed(HTML):  # type: ignore[misc]
    """A page that is well-formed XML, parsed in a twentieth of the time that HTML takes. Raises `ParseError`.

    `is_plain` says that its style sheets have neither footnotes nor notes nor list items of their own, and select no
    element by what it shows.
    """

    def __init__(self, page: str, fetcher: URLFetcher, *, is_plain: bool) -> None:
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        # Our fetcher reads no entity from outside; the declaration of entities is what could be large.
        if "<!ENTITY" in page:
            raise ET.ParseError("entities are not for pages")
        self.etree_element = ET.fromstring(page)  # noqa: S314
        self.wrapper_element = ElementWrapper.from_html_root(self.etree_element, content_language=None)
        self.is_plain = is_plain and _is_plain(page)

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [engine_style.plain_sheet()] if self.is_plain and not forms else super()._ua_stylesheets(forms)


@dataclass(frozen=True)
class Press:
    """What printing in one look needs: parsed style sheets, assets, decoded images."""

    styles: tuple[CSS, ...]
    is_plain: bool
    assets: Assets
    images: dict[str, Any]

    def keep(self, images: Mapping[str, Any]) -> None:
        """Remember the decoded logo; the pictures of single documents are let go."""
        for address in self.assets.addresses & images.keys() - self.images.keys():
            self.images[address] = images[address]


@lru_cache(maxsize=64)
def press(look: Look) -> Press:
    """The press of a look, set up once per process. Raises `UnusableLook`."""
    logo = logo_of(look)
    assets = {logo.address: (logo.content, logo.media_type)} if logo else {}
    colours = {"accent": look.accent, "accent_text": readable(look.accent)}
    sheet = templates(look).style("letter.css.j2", language=look.language, **colours)
    fonts, faces = shared_fonts()
    fetcher = Assets(assets)
    style = CSS(string=sheet, font_config=fonts, url_fetcher=fetcher)
    return Press((faces, style), _is_plain(sheet), fetcher, {})


def print_pdf(
    html: str,
    xml: bytes,
    look: Look,
    issued: date,
    pictures: Mapping[str, bytes] | None = None,
    max_pages: int = MAX_PAGES,
) -> bytes:
    """PDF/A-3b of `html` with `xml` attached as `factur-x.xml`, if there is any. It is dated midnight UTC of `issued`.

    `pictures` are PNG files by the address that the page gives them.

    Raises `ForbiddenAsset` if the HTML asks for a foreign file, and `TooManyPages`.
    """
    ready = press(look)
    images = dict(ready.images)
    source = _parsed(html, ready.assets.with_pictures(pictures or {}), is_plain=ready.is_plain)
    options = {"pdf_variant": "pdf/a-3b", "cache": images, "output_intent": _INTENT}

    def written(document: Document) -> bytes:
        if len(document.pages) > max_pages:
            raise TooManyPages(len(document.pages), max_pages)
        pdf = document.write_pdf(
            attachments=[_attachment(xml, issued)] if xml else [],
            finisher=_finish,
            pdf_identifier=hashlib.sha256(html.encode() + xml).digest()[:16],
            **options,
        )
        return bytes(pdf)

    try:
        with _ENGINE:
            fonts, _ = shared_fonts()
            profiles = {_INTENT: _srgb()}
            settings = options | {"font_config": fonts, "color_profiles": profiles, "stylesheets": [*ready.styles]}
            if isinstance(source, WellFormed) and source.is_plain:
                pdf = compositor().printed(source, written, settings)
            else:
                pdf = written(source.render(**settings))
    except _Refused as refused:
        raise ForbiddenAsset(refused.url) from refused
    ready.keep(images)
    _set_aside()
    return pdf


def _is_plain(text: str) -> bool:
    return engine_style.is_plain(text) and decides_styles(text)


def _parsed(page: str, fetcher: URLFetcher, *, is_plain: bool) -> HTML:
    """The page ready for layout. Our templates are well-formed; a client's may be any HTML."""
    try:
        return WellFormed(page, fetcher, is_plain=is_plain)
    except ET.ParseError:
        return HTML(string=page, url_fetcher=fetcher)


def _attachment(xml: bytes, issued: date) -> Attachment:
    midnight = datetime.combine(issued, time(), UTC)
    return Attachment(
        string=xml,
        name=XML_NAME,
        description="Factur-X",
        relationship="Alternative",
        created=midnight,
        modified=midnight,
    )


def _finish(document: Any, pdf: pydyf.PDF) -> None:
    """Replace WeasyPrint's XMP packet by one that also says Factur-X, and list the attachment once in /AF."""
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    # Archives search for the packet without unpacking streams.
    metadata.compress = False
    if "AF" not in pdf.catalog:
        return
    metadata.stream = [packet(document.metadata.generate_rdf_metadata("a", 3, "B"))]
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


@lru_cache(maxsize=1)
def _set_aside() -> None:
    """Once, after the first page: leave what the process has loaded out of every later garbage collection.

    Layout makes so many objects that a fifth of its time would go into looking at all of the program again and again,
    and a twentieth into looking at the page itself before it is done.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


@lru_cache(maxsize=1)
def compositor() -> Compositor:
    """The one of this process."""
    return Compositor()


@lru_cache(maxsize=1)
def _srgb() -> Profile:
    return Profile((files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())


@lru_cache(maxsize=1)
def shared_fonts() -> tuple[FontConfiguration, CSS]:
    """The one font configuration of the process, with the bundled faces loaded."""
    configuration = FontConfiguration()
    atexit.register(_leave_no_fonts, configuration)
    faces = {f"asset:fonts/{face}": ((FONTS / face).read_bytes(), "font/ttf") for face in FACES}
    sheet = (FONTS / "fonts.css").read_text(encoding="utf-8")
    return configuration, CSS(string=sheet, font_config=configuration, url_fetcher=Assets(faces))


def _leave_no_fonts(configuration: FontConfiguration) -> None:
    """Left to itself the configuration would outlive Python, and a megabyte of fonts stay in the temporary folder."""
    configuration.__del__()
    configuration._folder = None
