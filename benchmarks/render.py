"""What documents cost beside bare WeasyPrint on the same HTML, the rate of all cores, and whether memory stays flat.

`python -m benchmarks.render` measures CPU time; ours includes everything: view, QR, XML, schema and sums, comparison of
both, PDF/A-3 and the write into the archive. What ours costs depends on what came before: invoices whose lines wrap
alike are printed on a page kept standing, others in kept styles (`documents/compositor.py`), so both are measured.
`--memory` prints 2,000 documents instead and reports the resident memory.
"""

import argparse
import gc
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from weasyprint import HTML

from billing.invoices import Invoice
from billing.jobs import Line
from documents.invoice import Sheet, invoice_paper, invoice_sheet
from documents.look import Look
from documents.pdf import press, shared_fonts
from documents.samples import BUILDER, SELLER, invoice
from ledger.archive import Archive

LINES = 6
"""Lines of an everyday invoice."""
SIZES = (1, LINES, 60)
LOOK = Look()
SAMPLE_AT = (200, 2_000)
_TEXT = "Nassabriebklasse 1, Farbton nach Muster"
_MORE = ", zweimal, mit Abkleben von Böden, Fenstern und Türen, einschließlich Entsorgung des Materials"
_PAGE = os.sysconf("SC_PAGE_SIZE")


def sample(lines: int, number: int = 1, wrapping: int = 0) -> Invoice:
    """An invoice of so many lines with a sentence each; the bits of `wrapping` say whose goes over two."""
    items = tuple(
        Line(
            f"Wände streichen, Raum {at}",
            Decimal("61.75"),
            "m²",
            Decimal("7.45"),
            Decimal(19),
            description=_TEXT + _MORE * (wrapping >> at & 1),
        )
        for at in range(1, lines + 1)
    )
    return invoice(f"RE-2026-{number:06}", BUILDER, items)


def ours(made: Invoice, archive: Archive) -> None:
    """All that is done for a document before it may leave."""
    paper = invoice_paper(made, SELLER, LOOK)
    archive.put(paper.pdf)
    archive.put(paper.xml)


def print_bare(sheet: Sheet) -> None:
    """WeasyPrint alone, with the font configuration and style sheets shared as its documentation advises."""
    ready = press(LOOK)
    fonts, _ = shared_fonts()
    fetcher = ready.assets.with_pictures({sheet.giro.address: sheet.giro.picture} if sheet.giro else {})
    HTML(string=sheet.page, url_fetcher=fetcher).write_pdf(font_config=fonts, stylesheets=list(ready.styles))


def cpu(work: Callable[[], None]) -> float:
    """CPU seconds of this process for one piece of work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def compare(rounds: int, archive: Archive) -> None:
    """Print both costs and their ratio for every size; they take turns, so that a busy machine hits both alike."""
    print(f"{'Positionen':>10} {'Umbruch':>12} {'Rechnungsbote':>14} {'WeasyPrint':>11} {'Verhältnis':>11}")
    for size in SIZES:
        for wraps in ("gleich", "verschieden"):
            many = rounds if size < max(SIZES) else rounds // 3 + 1
            pairs = [_pair(sample(size, at, at * (wraps != "gleich")), archive, at) for at in range(many)]
            mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(first / second for first, second in pairs)
            print(f"{size:>10} {wraps:>12} {mine * 1000:>11.1f} ms {theirs * 1000:>8.1f} ms {ratio:>11.3f}")


def _pair(made: Invoice, archive: Archive, at: int) -> tuple[float, float]:
    sheet = invoice_sheet(made, SELLER, LOOK)
    if at % 2:
        theirs = cpu(lambda: print_bare(sheet))
        return cpu(lambda: ours(made, archive)), theirs
    return cpu(lambda: ours(made, archive)), cpu(lambda: print_bare(sheet))


def rate(seconds: float, folder: Path) -> None:
    """Print how many documents of six lines all cores make in a second, each in a long-lived process."""
    cores = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with context.Pool(cores, initializer=_warm) as pool:
        pool.map(_work_for, [(0.5, folder)] * cores, chunksize=1)
        done = pool.map(_work_for, [(seconds, folder)] * cores, chunksize=1)
    print(f"{sum(done) / seconds:.1f} Dokumente je Sekunde auf {cores} Kernen ({LINES} Positionen)")


def _warm() -> None:
    invoice_paper(sample(LINES), SELLER, LOOK)


def _work_for(task: tuple[float, Path]) -> int:
    seconds, folder = task
    archive = Archive(folder)
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        ours(sample(LINES, os.getpid() * 1000 + count), archive)
        count += 1
    return count


def memory(archive: Archive) -> None:
    """Print the resident memory at 200 and at 2,000 documents."""
    for at in range(1, max(SAMPLE_AT) + 1):
        ours(sample(1 + at % 8, at), archive)
        if at in SAMPLE_AT:
            gc.collect()
            resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
            print(f"nach {at:>5} Dokumenten: {resident / 1_000_000:.0f} MB")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", action="store_true", help="2.000 Dokumente, Speicher bei 200 und am Ende")
    parser.add_argument("--rounds", type=int, default=21, help="Messungen je Größe")
    parser.add_argument("--seconds", type=float, default=10, help="Dauer der Messung auf allen Kernen")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder))
        _warm()
        if options.memory:
            memory(archive)
        else:
            compare(options.rounds, archive)
            rate(options.seconds, Path(folder))


if __name__ == "__main__":
    main()
