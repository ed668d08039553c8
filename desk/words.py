"""The German words for what the ledger calls by English names."""

STATES = {
    "ready": "bereit",
    "held": "angehalten",
    "taken": "berechnet",
    "drafted": "im Entwurf",
    "issued": "ausgestellt",
    "filed": "abgelegt",
    "sent": "versandt",
    "planned": "geplant",
    "in_flight": "in Arbeit",
    "done": "erledigt",
    "failed": "wird wiederholt",
    "refused": "abgelehnt",
    "unknown": "unbekannt",
    "cancelled": "zurückgezogen",
}

GROUPS = {
    "jobs": "Aufträge",
    "invoices": "Rechnungen",
    "receivables": "Forderungen",
    "create-invoice": "Anlegen",
    "issue-invoice": "Fertigstellen",
    "send-invoice": "Rechnungsmails",
    "send-reminder": "Erinnerungen",
    "send-copy": "Kopien",
}

EFFECTS = {
    "create-invoice": "Anlegen in der Buchhaltung",
    "issue-invoice": "Fertigstellen in der Buchhaltung",
    "send-invoice": "Rechnungsmail",
    "send-reminder": "Erinnerungsmail",
    "send-copy": "Kopie der Mail",
}

ENDINGS = STATES | {"found": "nachgeschlagen und gefunden", "not found": "nachgeschlagen und nicht gefunden"}

EVENTS = {
    "job collected": "Auftrag übernommen",
    "job held": "Auftrag angehalten",
    "invoice drafted": "Entwurf geschrieben",
    "invoice drafted anew": "Entwurf neu gefasst",
    "invoice issued": "Rechnung ausgestellt",
    "invoice held": "Rechnung angehalten",
    "form decided": "Form bestimmt",
    "document archived": "Beleg abgelegt",
    "payment state changed": "Zahlungsstand geändert",
    "dunning decided: notice": "Entschieden: erinnern",
    "dunning decided: task": "Entschieden: Aufgabe",
    "dunning decided: nothing": "Entschieden: nicht erinnern",
    "task made": "Aufgabe angelegt",
    "task done": "Aufgabe erledigt",
    "payment booked": "Zahlung gebucht",
    "lever: block": "Von Hand: Mahnsperre",
    "lever: promise": "Von Hand: Zahlung zugesagt",
    "lever: dispute": "Von Hand: strittig",
    "lever: extension": "Von Hand: gestundet",
    "lever: write-off": "Von Hand: uneinbringlich",
    "lever lifted: block": "Von Hand: Mahnsperre aufgehoben",
    "lever lifted: promise": "Von Hand: Zusage beendet",
    "lever lifted: dispute": "Von Hand: Streit beendet",
    "lever lifted: extension": "Von Hand: Stundung beendet",
    "lever lifted: write-off": "Von Hand: Ausbuchung beendet",
    "decided: arrived": "Von Hand: angekommen",
    "decided: resend": "Von Hand: erneut senden",
    "decided: retry": "Von Hand: noch einmal versuchen",
    "decided: give-up": "Von Hand: aufgegeben",
    "decided: hold": "Von Hand: angehalten",
    "decided: release": "Von Hand: freigegeben",
}

FACTS = {
    "job": "Auftrag",
    "gross": "brutto",
    "number": "Nummer",
    "key": "Zeichen",
    "attempt": "Versuch",
    "kind": "Art",
    "sha256": "SHA-256",
    "open_amount": "offen",
    "voided": "storniert",
    "source": "Quelle",
    "reasons": "Gründe",
    "title": "Titel",
    "error": "Grund",
    "searches": "Suchen",
    "problems": "Gründe",
    "reason": "Grund",
    "form": "Form",
    "by": "von",
    "until": "bis",
    "amount": "Betrag",
    "customer": "Kunde",
}


def event(name: str) -> str:
    """An entry of the journal in words."""
    if name in EVENTS:
        return EVENTS[name]
    kind, _, ending = name.partition(" ")
    return f"{EFFECTS.get(kind, kind)} {ENDINGS.get(ending, ending)}"


def facts(found: dict[str, object]) -> str:
    """What an entry of the journal knows, in words; hashes are shortened, yes and no become words."""
    return ", ".join(f"{FACTS.get(name, name)} {_value(value)}" for name, value in found.items() if value is not False)


def _value(value: object) -> str:
    if value is True:
        return "ja"
    if isinstance(value, list):
        return "; ".join(_value(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("message", value))
    text = str(value)
    return f"{text[:12]}…" if len(text) == 64 and text.isalnum() else text
