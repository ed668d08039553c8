"""What a client chooses about its documents: language, colour, logo, footer, further paragraphs, own templates."""

import re
from pathlib import Path
from typing import Annotated

from lxml import etree
from pydantic import BaseModel, Field

from billing.parties import Customer
from billing.system_words import cause_of
from documents.errors import UnusableLook
from documents.languages import LANGUAGES

MAX_LOGO_BYTES = 500_000
SVG_TYPE, PNG_TYPE = "image/svg+xml", "image/png"
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
# Elements that run, load, or need fonts of the machine.
_REFUSED = frozenset({"script", "foreignObject", "image", "text", "style", "a", "set", "animate", "animateTransform"})
_CURES = {"text": "Bitte Schrift im Logo in Pfade umwandeln.", "style": "Bitte Formate als Attribute speichern."}
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:", re.IGNORECASE)
_FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_READABLE = 4.5  # contrast with white that WCAG 2.1 wants of text

Line = Annotated[str, Field(max_length=200)]
Paragraph = Annotated[str, Field(max_length=2000)]


class Look(BaseModel, frozen=True, extra="forbid"):
    """The client's choices. `templates` is a folder searched before the central one, `accent` is `#rrggbb`.

    `special` is a folder searched before that, for one customer. `closing` are paragraphs after the payment data of
    every invoice, `footer` lines below the company's data.
    """

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "de"
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#1d4f6e"
    logo: Path | None = None
    footer: tuple[Line, ...] = ()
    closing: tuple[Paragraph, ...] = ()
    templates: Path | None = None
    special: Path | None = None

    @property
    def has_own_templates(self) -> bool:
        """Whether files that a client has written take part."""
        return self.templates is not None or self.special is not None


def look_for(look: Look, customer: Customer) -> Look:
    """The look for one customer: in his language if we have it, with his templates in `customers/<number>` if any.

    German is what sources say of customers they know nothing about, so the client's language is kept for it.
    """
    wanted = customer.language if customer.language in LANGUAGES and customer.language != "de" else look.language
    special = look.special or _special_folder(look, customer.number)
    if wanted == look.language and special == look.special:
        return look
    return look.model_copy(update={"language": wanted, "special": special})


def _special_folder(look: Look, number: str) -> Path | None:
    if look.templates is None or not _FOLDER_NAME.fullmatch(number):
        return None
    folder = look.templates / "customers" / number
    return folder if folder.is_dir() else None


def logo_file(path: Path) -> tuple[bytes, str]:
    """The logo's bytes and media type. Raises `UnusableLook` unless it is a harmless SVG or PNG."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusableLook(f"Das Logo {path.name} ist nicht lesbar: {cause_of(error)}.") from error
    if len(content) > MAX_LOGO_BYTES:
        raise UnusableLook(f"Das Logo {path.name} ist größer als {MAX_LOGO_BYTES // 1000} kB.")
    if content.startswith(_PNG):
        return content, PNG_TYPE
    check_svg(content, path.name)
    return content, SVG_TYPE


def check_svg(content: bytes, name: str) -> None:
    """Raise `UnusableLook` if the drawing could load, run or depend on anything outside of itself."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnusableLook(f"Das Logo {name} ist weder PNG noch SVG.") from error
    if root.tag != _SVG_ROOT or root.getroottree().docinfo.doctype:
        raise UnusableLook(f"Das Logo {name} ist kein einfaches SVG (ohne DOCTYPE).")
    for element in root.iter(etree.Element):
        _check_element(element, name)


def readable(accent: str) -> str:
    """The accent colour, darkened until text in it can be read on white."""
    red, green, blue = (int(accent[at : at + 2], 16) for at in (1, 3, 5))
    while _contrast_with_white(red, green, blue) < _READABLE:
        red, green, blue = (int(part * 0.95) for part in (red, green, blue))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _check_element(element: etree._Element, name: str) -> None:
    tag = etree.QName(element).localname
    if tag in _REFUSED:
        raise UnusableLook(f"Das Logo {name} enthält <{tag}>. {_CURES.get(tag, 'Bitte entfernen.')}")
    for key, value in element.attrib.items():
        attribute = etree.QName(key).localname
        leads_out = attribute == "href" and not value.startswith("#")
        if leads_out or attribute.startswith("on") or _OUTSIDE.search(value):
            raise UnusableLook(f"Das Logo {name} verweist in {attribute} nach außen. Bitte entfernen.")


def _contrast_with_white(*channels: int) -> float:
    """Contrast ratio by WCAG 2.1."""
    shares = [channel / 255 for channel in channels]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
