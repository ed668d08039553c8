"""The archive: each content once, under its hash, never changed."""

import errno
import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.archive import Archive, ArchiveFault
from tests.ledger.children import child, go, put

PDF = b"%PDF-1.7 Rechnung"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive whose folder is not there yet."""
    return Archive(tmp_path / "archive")


def files(archive: Archive) -> list[str]:
    """Everything that lies in the archive."""
    return sorted(str(path.relative_to(archive.root)) for path in archive.root.rglob("*") if path.is_file())


def test_what_is_put_can_be_got(archive: Archive) -> None:
    """The name is the SHA-256 of the content, and the file lies under its first two letters."""
    assert archive.put(PDF) == SHA256
    assert archive.get(SHA256) == PDF
    assert files(archive) == [f"{SHA256[:2]}/{SHA256}"]


@given(content=st.binary(max_size=500))
def test_every_content_comes_back(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Empty, binary, whatever: the same bytes."""
    archive = Archive(tmp_path_factory.getbasetemp() / "every")
    assert archive.get(archive.put(content)) == content


def test_stored_files_are_read_only(archive: Archive) -> None:
    """Nobody changes an archived document by accident."""
    archive.put(PDF)
    assert (archive.root / SHA256[:2] / SHA256).stat().st_mode & 0o777 == 0o440


def test_the_same_content_is_stored_once(archive: Archive) -> None:
    """The file is not written again: not even its time changes."""
    archive.put(PDF)
    path = archive.root / SHA256[:2] / SHA256
    before = path.stat()
    assert archive.put(PDF) == SHA256
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("bit", [0, 7, 8 * len(PDF) - 1])
def test_a_flipped_bit_is_found(archive: Archive, bit: int) -> None:
    """A single bit anywhere is enough; the damaged file stays as evidence."""
    archive.put(PDF)
    path = archive.root / SHA256[:2] / SHA256
    damaged = bytearray(PDF)
    damaged[bit // 8] ^= 1 << bit % 8
    path.chmod(0o600)
    path.write_bytes(damaged)
    with pytest.raises(ArchiveFault, match=f"der Inhalt von {SHA256} wurde verändert"):
        archive.get(SHA256)
    assert path.read_bytes() == damaged


def test_a_damaged_file_is_never_overwritten_nor_passed_off(archive: Archive) -> None:
    """Putting the right content again changes nothing and says that the stored one is damaged."""
    archive.put(PDF)
    path = archive.root / SHA256[:2] / SHA256
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    with pytest.raises(ArchiveFault, match="verändert"):
        archive.put(PDF)
    assert path.read_bytes() == b"damaged"


def test_a_missing_file_is_found(archive: Archive) -> None:
    """What is not there is said to be missing, also before the first document."""
    with pytest.raises(ArchiveFault, match=f"die Datei {SHA256} fehlt"):
        archive.get(SHA256)


def test_all_faults_are_listed(archive: Archive) -> None:
    """The check names each missing and each changed document and passes over the sound ones."""
    good, bad = archive.put(b"good"), archive.put(b"bad")
    path = archive.root / bad[:2] / bad
    path.chmod(0o600)
    path.write_bytes(b"worse")
    assert list(archive.faults(iter([good, SHA256, bad]))) == [
        f"Archiv: die Datei {SHA256} fehlt.",
        f"Archiv: der Inhalt von {bad} wurde verändert.",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../" * 20 + "etc/passwd",
        "/etc/passwd",
        SHA256.upper(),
        SHA256[:63],
        SHA256 + "0",
        SHA256 + "\n",
        "../" + SHA256[3:],
        SHA256[:31] + "/" + SHA256[32:],
        SHA256[:63] + "\x00",
        SHA256[:63] + "٣",
    ],
)
def test_a_name_that_is_no_hash_opens_nothing(archive: Archive, name: str) -> None:
    """Paths, capitals, other digits: only a SHA-256 in small hex names a document."""
    with pytest.raises(ValueError, match="no SHA-256"):
        archive.get(name)


def test_a_full_disk_leaves_nothing(archive: Archive) -> None:
    """When the file cannot grow: an error, no document, and no half of one."""
    with child(put, archive.root, 100_000, 4096) as process:
        assert go(process) == ["OSError"]
    assert files(archive) == []
    content = b"x" * 100_000
    with pytest.raises(ArchiveFault, match="fehlt"):
        archive.get(hashlib.sha256(content).hexdigest())
    assert archive.get(archive.put(content)) == content


def test_a_folder_that_cannot_be_written_is_an_error(archive: Archive) -> None:
    """A file where the folder should be: refused, nothing pretended."""
    archive.root.parent.mkdir(exist_ok=True)
    archive.root.write_text("", "utf-8")
    with pytest.raises(OSError, match=r".*") as refused:
        archive.put(PDF)
    assert refused.value.errno in (errno.ENOTDIR, errno.EEXIST)


def test_threads_may_put_the_same_content_at_once(archive: Archive) -> None:
    """All get the same name, the document is whole, and no leftovers lie about."""
    content = b"x" * 300_000
    barrier = threading.Barrier(8)
    names: list[str] = []

    def put() -> None:
        barrier.wait(10)
        names.append(archive.put(content))

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert names == [hashlib.sha256(content).hexdigest()] * 8
    assert files(archive) == [f"{names[0][:2]}/{names[0]}"]
    assert archive.get(names[0]) == content
