"""How much of the labelled bank lines books itself, and whether any of it is wrong: `python -m benchmarks.matching`."""

from collections import Counter

from billing.matching import Kind, Match, match
from tests.billing.bank_lines import NUMBERING, TOLERANCE, Labelled, labelled


def main() -> None:
    """Match every line of every numbering and print precision and recall."""
    made: list[tuple[Labelled, Match]] = []
    for numbering in NUMBERING:
        known, cases = labelled(numbering)
        made += [(case, match(case.line, known, TOLERANCE)) for case in cases]
    certain = [(case, found) for case, found in made if found.kind is Kind.CERTAIN]
    right = sum({share.number: share.received for share in found.shares} == case.truth for case, found in certain)
    meant = [(case, found.kind is Kind.CERTAIN) for case, found in made if case.truth and not case.is_decoy]
    clear = [is_booked for case, is_booked in meant if case.is_clear]
    print(f"{len(made)} Zeilen in {len({case.scenario for case, _ in made})} Fällen")
    print(f"  von selbst gebucht {len(certain)}, davon richtig {right} ({right / len(certain):.2%})")
    print(f"  klar geschrieben {len(clear)}, davon gebucht {sum(clear)} ({sum(clear) / len(clear):.2%})")
    print(f"  ehrlich gemeint {len(meant)}, davon gebucht {sum(booked for _, booked in meant)}", end=" ")
    print(f"({sum(booked for _, booked in meant) / len(meant):.2%})")
    for kind, number in sorted(Counter(found.kind for _, found in made).items()):
        print(f"  {number:6} {kind}")


if __name__ == "__main__":
    main()
