"""The Leitweg-ID by which public customers route invoices (BT-10): `coarse[-fine]-PP`."""

import re

_FORM = re.compile(r"[0-9]{2,12}(-[0-9A-Z]{1,30})?-[0-9]{2}")


def is_leitweg_id(text: str) -> bool:
    """Whether the text is a Leitweg-ID with right check digits (ISO 7064 mod 97-10 over all parts, A=10 … Z=35)."""
    plain = text.strip().upper()
    return looks_like_leitweg_id(plain) and int("".join(str(int(sign, 36)) for sign in plain if sign != "-")) % 97 == 1


def looks_like_leitweg_id(text: str) -> bool:
    """Whether the text has the form of one, right or mistyped."""
    return _FORM.fullmatch(text.strip().upper()) is not None
