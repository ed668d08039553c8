"""Passwords and second factors: hashing, judging, the codes of an authenticator app and those for its loss."""

import hashlib
import secrets
from datetime import datetime
from functools import lru_cache

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
STEP = 30
ISSUER = "Rechnungsbote"
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None of them looks like another one: recovery codes are typed from paper."""

BASE32 = r"^([A-Z2-7]{32})?$"
"""The secret of a second factor as `new_secret` makes it, or none."""

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    """The argon2id hash to keep. Raises `ValueError` with a German sentence for a bad password."""
    if len(password) < SHORTEST:
        raise ValueError(f"Das Passwort braucht mindestens {SHORTEST} Zeichen.")
    if len(password) > LONGEST:
        raise ValueError(f"Das Passwort darf höchstens {LONGEST} Zeichen haben.")
    if len(set(password)) < SHORTEST // 2:
        raise ValueError("Das Passwort wiederholt sich zu sehr.")
    return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an account that does not exist."""
    try:
        _hasher.verify(password_hash or _nobody(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_secret() -> str:
    """A fresh secret of a second factor."""
    return pyotp.random_base32()


def address_of(name: str, secret: str) -> str:
    """What the QR code of a second factor says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """The QR code as SVG data address."""
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)


def show_in_terminal(address: str) -> None:
    """Draw the QR code for whoever sits at the terminal."""
    segno.make(address, error="l").terminal(compact=True)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, one step of delay or haste allowed; None for a wrong code."""
    plain, current = code.replace(" ", ""), int(now.timestamp()) // STEP
    for step in (current, current - 1, current + 1):
        if pyotp.TOTP(secret).verify(plain, for_time=datetime.fromtimestamp(step * STEP, now.tzinfo)):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Fresh recovery codes of four groups of four: 79 bits each, so that a plain hash hides them."""
    return [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What the ledger keeps of a recovery code, however its groups and letters are typed."""
    plain = "".join(filter(str.isalnum, code.lower()))
    return hashlib.sha256(plain.encode()).hexdigest()


@lru_cache
def _nobody() -> str:
    return _hasher.hash("a password that nobody has")
