"""The stages of the line, from the log lines of `flows/stopwatch.py`: where wall and CPU time went."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from flows.stopwatch import TOOK

STAGES = {
    "Aufträge abholen": "collect",
    "Entwürfe": "draft",
    "Rechnungen": "create",
    "Belege": "print",
    "Mails": "transmit",
}
REST = "rest"


@dataclass(slots=True)
class Stage:
    """What one stage took in one or more processes, in seconds; `cpu` without processes that print ahead."""

    seconds: float = 0.0
    cpu: float = 0.0
    items: int = 0


def stages_of(*logs: Path) -> dict[str, Stage]:
    """All stages in the order of the line; the small ones, such as looking for payments, are the rest."""
    found: dict[str, Stage] = defaultdict(Stage)
    for line in (line for log in logs for line in log.read_text("utf-8").splitlines() if TOOK in line):
        try:
            told = json.loads(line)
        except json.JSONDecodeError:
            continue
        if told.get("event") == TOOK:
            stage = found[STAGES.get(told["what"], REST)]
            stage.seconds, stage.cpu = stage.seconds + told["seconds"], stage.cpu + told["cpu"]
            stage.items += told["items"]
    return {name: found[name] for name in (*STAGES.values(), REST)}
