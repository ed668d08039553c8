"""The vault: secrets of second factors lie in the ledger only as what a key outside of it can open.

The key is a file among the client's other secrets, made when it is first needed. Whoever gets hold of the ledger or of
a backup has no code of anybody's; whoever loses the key lets people set up their second factor anew.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from billing.system_words import cause_of
from config.problems import ConfigError, ConfigProblem

FILE = "desk-key"
SEALED = "sealed:"
OPEN_TO_OTHERS = 0o077


class Vault:
    """Seals and opens with one key (Fernet: AES-128-CBC with HMAC-SHA-256)."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def seal(self, secret: str) -> str:
        """What may be kept; nothing stays nothing."""
        return f"{SEALED}{self._fernet.encrypt(secret.encode()).decode()}" if secret else ""

    def open(self, kept: str) -> str:
        """The secret again, also one that was kept before there was a vault. Raises `ConfigError` for another key's."""
        if not kept.startswith(SEALED):
            return kept
        try:
            return self._fernet.decrypt(kept.removeprefix(SEALED)).decode()
        except InvalidToken:
            message = "Dieser Schlüssel öffnet die zweiten Faktoren nicht."
            cure = f"Die Datei {FILE} zurückholen, oder je Konto: rechnungsbote users second-factor NAME --off"
            raise ConfigError([ConfigProblem("secrets", 0, FILE, message, cure)]) from None


def is_sealed(kept: str) -> bool:
    """Whether nothing can be read from it without the key; an empty text hides nothing."""
    return not kept or kept.startswith(SEALED)


def vault_in(folder: Path) -> Vault:
    """The vault whose key lies in a folder of secrets; the first time the key is made.

    Raises `ConfigError` where it can be neither read nor made, is none, or can be read by others.
    """
    path = folder / FILE
    try:
        _make(path)
        if path.stat().st_mode & OPEN_TO_OTHERS:
            raise _unusable(path, "Andere Benutzer dieser Maschine können die Datei lesen.", f"chmod 600 {path}")
        return Vault(path.read_bytes().strip())
    except OSError as error:
        cure = "Der Dienst muss im Ordner der Geheimnisse eine Datei anlegen und lesen dürfen."
        raise _unusable(path, f"Der Schlüssel der Webseite fehlt ({cause_of(error)}).", cure) from None
    except ValueError:
        cure = (
            "Die Datei aus dem Tresor zurückholen; gibt es sie nicht mehr, löschen und zweite Faktoren neu einrichten."
        )
        raise _unusable(path, "Das ist kein Schlüssel (32 Bytes als Base64).", cure) from None


def _make(path: Path) -> None:
    """The key file, by whoever comes first; it appears whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{FILE}.{os.getpid()}")
    fresh.touch(mode=0o600)
    try:
        fresh.write_bytes(Fernet.generate_key())
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
    finally:
        fresh.unlink(missing_ok=True)


def _unusable(path: Path, message: str, cure: str) -> ConfigError:
    return ConfigError([ConfigProblem(str(path), 0, FILE, message, cure)])
