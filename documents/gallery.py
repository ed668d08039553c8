"""The gallery: every case as PDF, pictures of its pages, XML and mail, with a page to look them through.

`python -m documents.gallery [FOLDER]` writes it, by default into `build/gallery`. Pictures need pdftoppm (poppler).
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from billing.parties import Customer
from documents.case import Case
from documents.cases import cases
from documents.demand import Notice
from documents.invoice import Paper
from documents.mail import Attached, Mail, Sender, invoice_mail, notice_mail

FOLDER = Path("build/gallery")
DOTS_PER_INCH = 96
_SENT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
_STYLE = """
:root { color-scheme: light }
body { margin: 0; background: #eef1f3; color: #16191c; font: 16px/1.5 "Source Sans 3", system-ui, sans-serif }
header { padding: 2.5rem 3rem 1rem }
h1 { margin: 0; font-size: 1.9rem; font-weight: 600; color: #1d4f6e }
header p { margin: .3rem 0 0; color: #5b6670; max-width: 46rem }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1.6rem;
  padding: 1.5rem 3rem 4rem }
article { background: #fff; border-radius: 6px; box-shadow: 0 1px 4px #0002; padding: 1.1rem; display: flex;
  flex-direction: column; gap: .6rem }
h2 { margin: 0; font-size: 1.08rem; font-weight: 600 }
article p { margin: 0; font-size: .9rem; color: #4a545d; min-height: 2.7em }
.pages { display: flex; gap: .6rem; overflow-x: auto; background: #dde3e7; padding: .8rem; border-radius: 4px }
.pages img { height: 20rem; background: #fff; box-shadow: 0 1px 3px #0003 }
nav { display: flex; gap: 1rem; font-size: .9rem; flex-wrap: wrap }
a { color: #1d4f6e }
small { margin-left: auto; color: #8b949c }
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A written case: its files, all in one folder."""

    case: Case
    files: tuple[Path, ...]
    pictures: tuple[Path, ...]


def write_gallery(folder: Path, chosen: Iterable[Case]) -> tuple[Piece, ...]:
    """Write these cases and the index into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = tuple(_write(case, folder) for case in chosen)
    (folder / "index.html").write_text(_index(pieces), encoding="utf-8")
    return pieces


def pictures_of(pdf: bytes, folder: Path, name: str) -> tuple[Path, ...]:
    """Every page as PNG `<name>-<page>.png`; none where pdftoppm is missing."""
    if shutil.which("pdftoppm") is None:
        return ()
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "document.pdf"
        source.write_bytes(pdf)
        command = ["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", str(source), str(folder / name)]
        subprocess.run(command, check=True, capture_output=True)
    return tuple(sorted(folder.glob(f"{name}-[0-9]*.png")))


def mail_of(case: Case, paper: Paper) -> Mail:
    """The mail that would carry the case, with its letter, invoice or XRechnung."""
    sender = Sender(case.seller.email, case.seller.name)
    attached = Attached(paper.file_name, paper.pdf)
    token = f"galerie.{case.name}"
    if isinstance(case.subject, Notice):
        return notice_mail(
            case.subject, case.seller, case.look, sender, (), letter=attached, message_id_token=token, date=_SENT
        )
    beside = () if paper.is_hybrid else (Attached(paper.xml_name, paper.xml),)
    return invoice_mail(
        case.subject, case.seller, case.look, sender, attached, further=beside, message_id_token=token, date=_SENT
    )


def _write(case: Case, folder: Path) -> Piece:
    paper = case.paper()
    for old in folder.glob(f"{case.name}-[0-9]*.png"):
        old.unlink()
    mail = mail_of(case, paper).message if _customer(case).email else b""
    contents = {".pdf": paper.pdf, ".xml": paper.xml, ".eml": mail}
    files = []
    for ending, content in contents.items():
        if content:
            files.append(folder / f"{case.name}{ending}")
            files[-1].write_bytes(content)
    return Piece(case, tuple(files), pictures_of(paper.pdf, folder, case.name))


def _customer(case: Case) -> Customer:
    return case.subject.customer if isinstance(case.subject, Notice) else case.subject.draft.customer


def _index(pieces: tuple[Piece, ...]) -> str:
    articles = "\n".join(_article(piece) for piece in pieces)
    about = (
        f"{len(pieces)} Belege mit erfundenen Daten: jede Art, jeder Steuerfall, jede Mahnstufe."
        " Geschrieben von make gallery."
    )
    return f"""<!DOCTYPE html>
<html lang="de">
<head><meta charset="utf-8"><title>Galerie der Belege</title><style>{_STYLE}</style></head>
<body>
<header><h1>Galerie der Belege</h1><p>{escape(about)}</p></header>
<main>
{articles}
</main>
</body>
</html>
"""


def _article(piece: Piece) -> str:
    links = "".join(f'<a href="{file.name}">{file.suffix[1:].upper()}</a>' for file in piece.files)
    pages = "".join(
        f'<a href="{file.name}"><img src="{file.name}" alt="" loading="lazy"></a>' for file in piece.pictures
    )
    count = f"{len(piece.pictures)} Seiten" if len(piece.pictures) > 1 else ""
    return (
        f"<article><h2>{escape(piece.case.title)}</h2><p>{escape(piece.case.about)}</p>"
        f'<div class="pages">{pages}</div><nav>{links}<small>{count}</small></nav></article>'
    )


def main() -> None:
    """Write the gallery and say where it is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    pieces = write_gallery(folder, cases().values())
    sys.stdout.write(f"{len(pieces)} Belege: {folder / 'index.html'}\n")


if __name__ == "__main__":
    main()
