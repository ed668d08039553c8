"""What the operating system answers about files and addresses, in German."""

import errno

WORDS = {
    errno.ENOENT: "das gibt es nicht",
    errno.EACCES: "die Rechte fehlen",
    errno.EPERM: "das ist nicht erlaubt",
    errno.EISDIR: "das ist ein Ordner",
    errno.ENOTDIR: "ein Teil des Pfads ist kein Ordner",
    errno.EEXIST: "das gibt es schon",
    errno.ENOSPC: "der Platz ist aufgebraucht",
    errno.EROFS: "hier darf nur gelesen werden",
    errno.ENAMETOOLONG: "der Name ist zu lang",
    errno.EADDRINUSE: "schon belegt",
    errno.EADDRNOTAVAIL: "diese Adresse hat die Maschine nicht",
}


def cause_of(error: OSError) -> str:
    """Why it failed, to stand in a sentence: the common causes in German, others with number and the system's words."""
    if error.errno in WORDS:
        return WORDS[error.errno]
    return f"Fehler {error.errno}: {error.strerror}" if error.errno else type(error).__name__
