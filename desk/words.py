"""The German words for what the ledger calls by English names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from billing.money import in_german

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
    "bounced": "zurückgekommen",
    "waiting": "wartet auf Freigabe",
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
    "send-elsewhere": "Mails an andere Adressen",
    "send-duplicate": "Zweitschriften",
    "post-invoice": "Rechnungsbriefe",
    "post-reminder": "Mahnbriefe",
    "post-cancellation": "Stornorechnungen per Brief",
    "cancel-invoice": "Stornos",
    "send-cancellation": "Stornorechnungen",
    "file-document": "Ablage",
}

EFFECTS = {
    "create-invoice": "Anlegen in der Buchhaltung",
    "issue-invoice": "Fertigstellen in der Buchhaltung",
    "send-invoice": "Rechnungsmail",
    "send-reminder": "Erinnerungsmail",
    "send-copy": "Kopie der Mail",
    "send-elsewhere": "Mail an die andere Adresse",
    "send-duplicate": "Zweitschrift per E-Mail",
    "post-invoice": "Rechnungsbrief",
    "post-reminder": "Mahnbrief",
    "post-cancellation": "Brief mit der Stornorechnung",
    "cancel-invoice": "Storno in der Buchhaltung",
    "send-cancellation": "Mail mit der Stornorechnung",
    "file-document": "Kopie in der Ablage",
}

PURPOSES = {
    "signals": "Erledigtes suchen",
    "job": "Aufträge lesen",
    "contact": "Kunden lesen",
    "profile": "Profil lesen",
    "records": "Stammdaten lesen",
    "version": "Version lesen",
    "times": "Zeiten lesen",
    "number": "Nummer holen",
    "create": "Rechnungen anlegen",
    "issue": "Rechnungen fertigstellen",
    "read": "Rechnungen zurücklesen",
    "find": "Unklares nachschlagen",
    "pdf": "PDF holen",
    "changes": "Zahlungen abfragen",
    "state": "Zahlungsstand lesen",
    "book": "Zahlungen buchen",
    "cancel": "Stornieren",
    "sweep": "Fremde Rechnungen suchen",
    "events": "Rückrufe abonnieren",
    "letter": "Briefe aufgeben",
    "letters": "Briefe verfolgen",
}
"""What foreign systems are asked for."""

PAPERS = {
    "invoice-pdf": "Rechnung (PDF)",
    "invoice-xml": "Rechnung (XML)",
    "invoice-mail": "Rechnungsmail",
    "invoice-mail-#": "Rechnungsmail an andere Adresse",
    "invoice-duplicate-#-mail": "Zweitschrift #",
    "reminder-#-mail": "Erinnerungsmail #",
    "reminder-#-letter": "Mahnbrief #",
    "cancellation-pdf": "Stornorechnung (PDF)",
    "cancellation-xml": "Stornorechnung (XML)",
    "cancellation-mail": "Mail mit der Stornorechnung",
    "incoming-#": "Eingegangene Mail",
}
"""Kinds of documents; # stands for the number that tells several of a kind apart."""

CHANNELS = {"mail": "per E-Mail", "post": "per Brief", "none": "von Hand"}

ROLES = {"owner": "Inhaber", "office": "Büro", "operator": "Betreiber", "reader": "Leser"}

FORMS = {"zugferd": "ZUGFeRD", "xrechnung_ubl": "XRechnung (UBL)", "xrechnung_cii": "XRechnung (CII)"}

ENDINGS = STATES | {
    "found": "nachgeschlagen und gefunden",
    "not found": "nachgeschlagen und nicht gefunden",
    "ambiguous": "nachgeschlagen und mehrdeutig",
}

EVENTS = {
    "customer received": "Kunde übergeben",
    "token added": "Token gegeben",
    "token revoked": "Token genommen",
    "account added": "Zugang angelegt",
    "account removed": "Zugang entfernt",
    "roles changed": "Rollen geändert",
    "password changed": "Passwort geändert",
    "second factor set": "Zweiter Faktor eingeschaltet",
    "second factor removed": "Zweiter Faktor abgeschaltet",
    "recovery codes made": "Neue Ersatzcodes ausgegeben",
    "recovery code used": "Ersatzcode benutzt",
    "signed in": "Angemeldet",
    "signed out": "Abgemeldet",
    "sign-in refused": "Anmeldung abgelehnt",
    "sign-in brake lifted": "Pause nach falschen Anmeldungen beendet",
    "alarm": "Alarm gemeldet",
    "job collected": "Auftrag übernommen",
    "job held": "Auftrag angehalten",
    "work received": "Zeiten erfasst",
    "work withdrawn": "Zeiten in der Quelle gelöscht",
    "work approved": "Zeiten freigegeben",
    "work rejected": "Zeiten abgelehnt",
    "work billed": "Zeiten abgerechnet",
    "work covered": "Zeiten im Kontingent",
    "work reopened": "Zeiten zurückgegeben",
    "invoice drafted": "Entwurf geschrieben",
    "invoice drafted anew": "Entwurf neu gefasst",
    "invoice issued": "Rechnung ausgestellt",
    "invoice held": "Rechnung angehalten",
    "invoice relieved": "Grund des Anhaltens behoben",
    "form decided": "Form bestimmt",
    "document archived": "Beleg abgelegt",
    "document purged": "Beleg nach Ablauf der Frist gelöscht",
    "payment state changed": "Zahlungsstand geändert",
    "dunning decided: notice": "Entschieden: erinnern",
    "dunning decided: task": "Entschieden: Aufgabe",
    "dunning decided: nothing": "Entschieden: nicht erinnern",
    "base rate added": "Basiszinssatz nachgetragen",
    "reminded together": "Erinnert im Schreiben zu einer anderen Rechnung",
    "task made": "Aufgabe angelegt",
    "task done": "Aufgabe erledigt",
    "account taken over": "Konto übernommen",
    "account changed": "Konto in der Datei geändert",
    "decided: account asked": "Von Hand: Konto angemeldet",
    "decided: account confirmed": "Von Hand: Konto bestätigt",
    "mail bounced": "Mail unzustellbar",
    "letter posted": "Brief in der Post",
    "letter held": "Brief liegt beim Briefdienst fest",
    "letter gone": "Brief beim Briefdienst zurückgezogen",
    "letter waiting": "Brief wartet auf den Druck",
    "letter returned": "Brief unzustellbar",
    "decided: letter returned": "Von Hand: Brief kam zurück",
    "mail came: bounce": "Rückläufer eingegangen",
    "mail came: given-up": "Zustellung aufgegeben",
    "mail came: delay": "Zustellung verzögert",
    "mail came: delivered": "Zustellung bestätigt",
    "mail came: complaint": "Beschwerde eingegangen",
    "mail came: unclear": "Unklarer Rückläufer eingegangen",
    "mail came: out-of-office": "Abwesenheitsnotiz eingegangen",
    "mail came: automatic": "Automatische Antwort eingegangen",
    "mail came: own": "Eigene Mail gesehen",
    "mail came: answer": "Antwort eingegangen",
    "decided: forward": "Von Hand: an andere Adresse",
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
    "stopped": "Angehalten",
    "started": "Freigegeben",
    "ledger adopted": "Zurückgespieltes Hauptbuch übernommen",
    "decided: arrived": "Von Hand: angekommen",
    "decided: resend": "Von Hand: erneut senden",
    "decided: retry": "Von Hand: noch einmal versuchen",
    "decided: give-up": "Von Hand: aufgegeben",
    "decided: payment rejected": "Von Hand: Zuordnung abgelehnt",
    "decided: duplicate": "Von Hand: Zweitschrift senden",
    "decided: payment taken back": "Von Hand: Zahlung zurückgenommen",
    "decided: cancel": "Von Hand: Storno veranlasst",
    "decided: hold": "Von Hand: angehalten",
    "decided: release": "Von Hand: Sperre aufgehoben",
    "decided: once more": "Von Hand: Fehlgeschlagenes sofort wiederholen",
    "decided: approve": "Von Hand: freigegeben",
    "decided: decline": "Von Hand: nicht freigegeben",
    "approval asked": "Um Freigabe gebeten",
    "approval reminded": "An die Freigabe erinnert",
    "approval lapsed": "Freigabe nicht mehr nötig",
    "contract made": "Vertrag angelegt",
    "contract changed": "Vertrag geändert",
    "contract withdrawn": "Geplante Änderung zurückgenommen",
    "contract ended": "Vertrag gekündigt",
    "contract resumed": "Kündigung zurückgenommen",
    "contract reopened": "Vertrag: letzter Zeitraum ist neu zu berechnen",
    "contract billed": "Vertrag berechnet",
    "contract purged": "Vertrag: Kunde gelöscht",
    "client paused": "Mandant ruht",
    "client resumed": "Mandant arbeitet wieder",
}

FACTS = {
    "name": "Name",
    "roles": "Rollen",
    "address": "Adresse",
    "tries": "Versuche",
    "left": "übrig",
    "status": "Status",
    "before": "vorher",
    "after": "nachher",
    "diagnostic": "Diagnose",
    "claim": "Behauptung",
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
    "effects": "Vorgänge",
    "reason": "Grund",
    "form": "Form",
    "by": "von",
    "until": "bis",
    "amount": "Betrag",
    "customer": "Kunde",
    "contract": "Vertrag",
    "plan": "Tarif",
    "quantity": "Menge",
    "price": "eigener Preis",
    "since": "ab",
    "begins_on": "Beginn",
    "received_on": "Eingang",
    "ends_on": "letzter Tag",
    "first": "von",
    "last": "bis",
    "net": "netto",
    "approver": "Freigabe durch",
    "order": "Auftrag beim Briefdienst",
    "said": "Auskunft",
}

AMOUNTS = ("gross", "open_amount", "amount")
"""What the journal knows in euro."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A German sentence with places for values, so that it can be said in another language."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """In German."""
        return self.text.format(**self.values)


def event(name: str) -> str:
    """An entry of the journal in words."""
    if name in EVENTS:
        return EVENTS[name]
    kind, _, ending = name.partition(" ")
    return f"{EFFECTS.get(kind, kind)} {ENDINGS.get(ending, ending)}"


def paper(kind: str) -> str:
    """A kind of document in words."""
    number = re.search(r"[0-9]+", kind)
    if number is None:
        return PAPERS.get(kind, kind)
    return PAPERS.get(kind.replace(number[0], "#"), kind).replace("#", number[0])


def facts(found: Mapping[str, object]) -> str:
    """What an entry of the journal knows, in words and German figures; hashes are shortened."""
    amounts = {name: in_german(Decimal(str(found[name])), "€") for name in AMOUNTS if _is_amount(found.get(name))}
    codes = {name: say(str(found[name])) for name, say in CODES.items() if name in found}
    told = {**found, **amounts, **codes}
    return ", ".join(f"{FACTS.get(name, name)} {_value(value)}" for name, value in told.items() if value is not False)


def _kind(code: str) -> str:
    return EFFECTS.get(code, paper(code))


def _form(code: str) -> str:
    return FORMS.get(code, code)


CODES = {"kind": _kind, "form": _form}
"""Facts of the journal that are codes, and who knows their words."""


def _is_amount(value: object) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", str(value)))


def _value(value: object) -> str:
    if value is True:
        return "ja"
    if isinstance(value, list):
        return "; ".join(_value(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("message", value))
    text = str(value)
    return f"{text[:12]}…" if len(text) == 64 and text.isalnum() else text
