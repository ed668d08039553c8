"""What the law wants about a company on its business letters, invoices included, by the legal form in its name."""

import re
from dataclasses import dataclass

from billing.parties import Seller

_REGISTER = ("register_court", "register_number")
_WITH_DIRECTORS = (*_REGISTER, "managing_directors")
# The first form that fits decides: a GmbH & Co. KG names the directors of its GmbH.
_FORMS = (
    (re.compile(r"\bCo\.? ?(KG|OHG|KGaA)\b"), "§§ 125, 177a HGB", _WITH_DIRECTORS),
    (re.compile(r"\b(g?GmbH|mbH|UG|Gesellschaft mit beschränkter Haftung)\b"), "§ 35a GmbHG", _WITH_DIRECTORS),
    (re.compile(r"\b(AG|SE|Aktiengesellschaft)\b"), "§ 80 AktG", _WITH_DIRECTORS),
    (re.compile(r"\beG(?!\w)"), "§ 25a GenG", _WITH_DIRECTORS),
    (re.compile(r"\b([oO]HG|KG)\b"), "§ 125 HGB", _REGISTER),
    (re.compile(r"\be\. ?K(fm|fr)?\."), "§ 37a HGB", _REGISTER),
)
_TITLES = frozenset({"Dr.", "Prof.", "Dipl.-Ing.", "Frau", "Herr"})


@dataclass(frozen=True, slots=True)
class Missing:
    """Fields of the seller that are empty although `law` wants them on paper."""

    law: str
    fields: tuple[str, ...]


def missing_details(seller: Seller) -> Missing | None:
    """What is missing for the legal form in the seller's name; nothing for who has no entry in a register."""
    found = next(((law, fields) for form, law, fields in _FORMS if form.search(seller.name)), None)
    if found is None:
        return None
    law, wanted = found
    empty = tuple(field for field in wanted if not getattr(seller, field))
    return Missing(law, empty) if empty else None


def shortened_directors(seller: Seller) -> tuple[str, ...]:
    """Directors without a full first name (§ 35a (1) GmbHG)."""
    return tuple(name for name in seller.managing_directors if not _is_full(name))


def _is_full(name: str) -> bool:
    """A first name that is not shortened and a last name; titles do not count."""
    words = [word for word in name.split() if word not in _TITLES]
    return len(words) > 1 and len(words[0]) > 1 and not words[0].endswith(".")
