"""Our marker: a short key that stands in every document we create, so that it can be found again."""

import hashlib

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12


def marker(*business_key: str) -> str:
    """The marker of a business fact, such as (client, source, external id): the same fact gives the same marker.

    Form `RB-XXXX-XXXX-XXXX`, 58 bits, letters that nobody mistakes on paper.
    """
    digest = int.from_bytes(hashlib.sha256("\x1f".join(business_key).encode()).digest())
    letters = ""
    for _ in range(LENGTH):
        digest, place = divmod(digest, len(ALPHABET))
        letters += ALPHABET[place]
    return f"RB-{letters[:4]}-{letters[4:8]}-{letters[8:]}"
