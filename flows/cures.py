"""What a person can do about a case, and what to type for it."""

from dataclasses import dataclass

from ledger.overrides import LETTERS, MAILS
from ledger.overview import Case


@dataclass(frozen=True, slots=True)
class Cure:
    """A German sentence, and the command with its placeholders filled in."""

    text: str
    command: str


_BY_KIND = {
    ("job", "held"): (
        "Auftrag im Ursprungssystem berichtigen; er wird von selbst neu gelesen, sofort mit retry.",
        "retry AUFTRAG --reason …",
    ),
    ("invoice", "held"): (
        "Die genannte Ursache beheben; von selbst wird neu geprüft, sofort mit retry.",
        "retry {number} --reason …",
    ),
    ("bounce", "bounced"): ("Neue Adresse erfragen.", "bounce forward {number} ADRESSE --reason …"),
    ("create-invoice", "unknown"): ("Wird von selbst nachgeschlagen; sonst in der Buchhaltung nachsehen.", "reconcile"),
}
_BY_STATE = {
    "failed": ("Wird von selbst wiederholt; dauert es an, die genannte Ursache beheben.", "retry {number} --reason …"),
    "refused": ("Die genannte Ursache beheben, dann noch einmal versuchen.", "retry {number} --reason …"),
    "unknown": ("In der Buchhaltung nachsehen, dann entscheiden.", "show {number}"),
    "held": ("Die genannte Ursache beheben.", "status --client {client}"),
}
_MAIL = (
    "Beim Empfänger oder im Postausgang nachsehen, dann entscheiden.",
    "arrived {number} --reason …   oder   rechnungsbote resend {number} --reason …",
)
_LETTER = ("Wird von selbst nachgeschlagen; sonst im Kundenkonto des Briefdienstes nachsehen.", "reconcile")
_OTHERWISE = ("Bitte ansehen.", "status --client {client}")


def cure_for(case: Case) -> Cure:
    """The cure of a case."""
    text, command = _BY_KIND.get((case.kind, case.state)) or _BY_STATE.get(case.state, _OTHERWISE)
    if case.state == "unknown" and case.kind in MAILS:
        text, command = _MAIL
    if case.state == "unknown" and case.kind in LETTERS:
        text, command = _LETTER
    return Cure(text, f"rechnungsbote {command.format(number=case.number or 'NUMMER', client=case.client)}")
