"""The archive in an object store keeps every promise of the folder: each content once, never overwritten, checked."""

import hashlib
from pathlib import Path

import fsspec
import pytest

from ledger.archive import Archive, ArchiveFault
from ledger.object_archive import ObjectArchive, open_archive

PDF = b"%PDF-1.7 Rechnung"
SHA256 = hashlib.sha256(PDF).hexdigest()
PLACES = ("folder", "file", "memory")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder, an object store on disk, and one in memory."""
    places = {
        "folder": f"{tmp_path / 'archive'}",
        "file": f"file://{tmp_path}/objects",
        "memory": f"memory://{tmp_path}",
    }
    return places[request.param]


def overwrite(place: str, name: str, content: bytes) -> None:
    """Change what lies in the archive behind its back."""
    url = place if "://" in place else f"file://{place}"
    path = Path(url.partition("://")[2]) / name[:2] / name
    if path.exists():
        path.chmod(0o600)
    with fsspec.open(f"{url}/{name[:2]}/{name}", "wb") as file:
        file.write(content)


def test_one_setting_chooses_the_place(place: str) -> None:
    """A path is a folder, a URL an object store; both give back what was put under its SHA-256."""
    archive = open_archive(place)
    assert isinstance(archive, ObjectArchive) == ("://" in place)
    assert archive.put(PDF) == archive.put(PDF) == SHA256
    assert open_archive(place).get(SHA256) == PDF
    assert list(archive.stored()) == [SHA256]
    assert list(archive.faults([SHA256])) == []


@pytest.mark.parametrize("bit", [0, 77, 8 * len(PDF) - 1])
def test_one_flipped_bit_is_named(place: str, bit: int) -> None:
    """Whether the ledger asks for the document or not, a changed bit is found and the document named."""
    archive = open_archive(place)
    archive.put(PDF)
    damaged = bytearray(PDF)
    damaged[bit // 8] ^= 1 << bit % 8
    overwrite(place, SHA256, bytes(damaged))
    for wanted in ([], [SHA256]):
        assert list(archive.faults(wanted)) == [f"Archiv: der Inhalt von {SHA256} wurde verändert."]


def test_nothing_is_overwritten(place: str) -> None:
    """Putting the right content over a damaged one is refused, and the damaged one stays as evidence."""
    archive = open_archive(place)
    archive.put(PDF)
    overwrite(place, SHA256, b"damaged")
    with pytest.raises(ArchiveFault, match="verändert"):
        archive.put(PDF)
    assert list(archive.faults([])) == [f"Archiv: der Inhalt von {SHA256} wurde verändert."]


def test_a_foreign_file_is_named(place: str) -> None:
    """Whatever lies in the archive under a name that is no hash is told; a missing document is, too."""
    archive = open_archive(place)
    archive.put(PDF)
    overwrite(place, "rechnung.pdf", PDF)
    first, second = archive.faults([hashlib.sha256(b"fort").hexdigest()])
    assert "fehlt" in first
    assert "'rechnung.pdf' gehört nicht hierher" in second


def test_what_is_discarded_is_gone(place: str) -> None:
    """Content whose time is over leaves no trace, and discarding it twice is no error."""
    archive = open_archive(place)
    archive.put(PDF)
    for _ in range(2):
        archive.discard(SHA256)
    assert list(archive.stored()) == []
    assert not archive.has(SHA256)


@pytest.mark.parametrize("name", ["", "../" * 20 + "etc/passwd", SHA256.upper(), SHA256 + "\n"])
def test_only_a_hash_opens_anything(place: str, name: str) -> None:
    """No path leads out of the archive, wherever it is kept."""
    with pytest.raises(ValueError, match="no SHA-256"):
        open_archive(place).get(name)


def test_a_store_that_takes_less_than_it_says_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is read back: a store that cuts the object has not stored it."""
    archive = open_archive(f"file://{tmp_path}/objects")
    store, _ = fsspec.core.url_to_fs(f"file://{tmp_path}/objects", use_listings_cache=False)
    whole = type(store).pipe_file
    monkeypatch.setattr(
        type(store), "pipe_file", lambda self, path, value, **more: whole(self, path, value[:-1], **more)
    )
    with pytest.raises(ArchiveFault, match="verändert"):
        archive.put(PDF)


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    """A link under a document's name is told and leads nowhere, even to the right bytes."""
    archive = Archive(tmp_path / "archive")
    archive.put(PDF)
    path = archive.root / SHA256[:2] / SHA256
    (tmp_path / "elsewhere").write_bytes(PDF)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveFault, match="Verweis"):
        archive.get(SHA256)
    with pytest.raises(ArchiveFault, match="Verweis"):
        archive.put(PDF)


def test_an_unknown_store_names_its_cure() -> None:
    """A store whose connection is not installed is a German sentence with the package to install."""
    with pytest.raises(ArchiveFault, match="Abhilfe"):
        open_archive("gibtesnicht://eimer/belege")
