"""The logo of a look, as pages name it."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from documents.look import Look, logo_file


@dataclass(frozen=True)
class Logo:
    """A logo as pages name it."""

    address: str
    content: bytes
    media_type: str


@lru_cache(maxsize=64)
def logo_of(look: Look) -> Logo | None:
    """The logo of a look, read once per process. Raises `UnusableLook`."""
    if look.logo is None:
        return None
    content, media_type = logo_file(look.logo)
    return Logo(f"asset:logo-{hashlib.sha256(content).hexdigest()[:16]}", content, media_type)


def logo_address(look: Look) -> str:
    """What a page writes to show the logo; empty without one. Raises `UnusableLook`."""
    logo = logo_of(look)
    return logo.address if logo else ""
