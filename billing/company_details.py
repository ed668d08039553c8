"""What the law wants about a company on its business letters, invoices included (§ 35a GmbHG, §§ 37a, 125 HGB)."""

import re

from billing.drafting import Problem
from billing.parties import Seller

# Limited companies name all directors as well; the others only seat, court and number.
_LIMITED = re.compile(r"\b(gGmbH|GmbH|UG|AG|SE|eG)\b")
_REGISTERED = re.compile(r"\b(gGmbH|GmbH|UG|AG|SE|eG|KG|OHG|oHG|e\. ?K\.|e\. ?Kfm\.|e\. ?Kfr\.)(?!\w)")

_TITLES = frozenset({"Dr.", "Prof.", "Dipl.-Ing.", "Frau", "Herr"})


def company_problems(seller: Seller) -> tuple[Problem, ...]:
    """What is missing for the legal form in the seller's name; nothing for who has no entry in a register."""
    found = []
    if _REGISTERED.search(seller.name) and not (seller.register_court.strip() and seller.register_number.strip()):
        text = f"{seller.name} steht im Handelsregister; Gericht und Nummer fehlen (§ 35a GmbHG, § 37a HGB)."
        found.append(Problem("register", f"{text} Bitte in der Mandantendatei ergänzen."))
    if _LIMITED.search(seller.name) and not all(_is_full(name) for name in seller.managing_directors or ("",)):
        text = "Alle Geschäftsführer gehören mit ausgeschriebenem Vornamen auf die Rechnung (§ 35a GmbHG)."
        found.append(Problem("directors", f"{text} Bitte in der Mandantendatei ergänzen."))
    return tuple(found)


def _is_full(name: str) -> bool:
    """A first name that is not shortened and a last name; titles do not count."""
    words = [word for word in name.split() if word not in _TITLES]
    return len(words) > 1 and len(words[0]) > 1 and not words[0].endswith(".")
