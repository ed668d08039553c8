"""A minimal PDF writer (ISO 32000-1): text pages in Helvetica, written by hand."""

from collections.abc import Mapping

LINES_PER_PAGE = 54


def text_pdf(lines: list[str], attached: Mapping[str, bytes] | None = None) -> bytes:
    """A small valid PDF showing `lines` and holding files; letters outside Windows-1252 become question marks."""
    pages = [lines[i : i + LINES_PER_PAGE] for i in range(0, len(lines), LINES_PER_PAGE)] or [[]]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    first_file = 4 + 2 * len(pages)
    names = " ".join(f"({name}) {first_file + 2 * i} 0 R" for i, name in enumerate(attached or {}))
    files = f" /Names << /EmbeddedFiles << /Names [{names}] >> >>" if names else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{files} >>".encode("ascii"),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode("ascii"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, page in enumerate(pages):
        objects += [_page(5 + 2 * index), _stream(page)]
    for index, (name, content) in enumerate((attached or {}).items()):
        objects += _embedded(name, content, first_file + 2 * index + 1)
    return _file(objects)


def _embedded(name: str, content: bytes, stream: int) -> list[bytes]:
    """A file specification and, as object number `stream`, the file."""
    specification = f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {stream} 0 R >> >>"
    head = b"<< /Type /EmbeddedFile /Length %d >>\nstream\n" % len(content)
    return [specification.encode("ascii"), head + content + b"\nendstream"]


def _page(contents: int) -> bytes:
    return (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 3 0 R >> >> /Contents {contents} 0 R >>"
    ).encode("ascii")


def _stream(lines: list[str]) -> bytes:
    shown = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
    content = b"BT /F1 10 Tf 14 TL 57 785 Td\n" + shown + b"ET"
    return b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def _escaped(line: str) -> bytes:
    raw = line.encode("cp1252", errors="replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
