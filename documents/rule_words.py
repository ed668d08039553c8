"""German words for the rules of EN 16931 that a firm's data can break; for the others the original stands beside."""

import re

WORDS = {
    "BR-02": "Die Rechnungsnummer (BT-1) fehlt.",
    "BR-03": "Das Rechnungsdatum (BT-2) fehlt.",
    "BR-04": "Die Rechnungsart (BT-3) fehlt.",
    "BR-05": "Die Währung (BT-5) fehlt.",
    "BR-06": "Der Name des Rechnungsstellers (BT-27) fehlt.",
    "BR-07": "Der Name des Kunden (BT-44) fehlt.",
    "BR-08": "Die Anschrift des Rechnungsstellers (BG-5) fehlt.",
    "BR-09": "Das Land des Rechnungsstellers (BT-40) fehlt.",
    "BR-10": "Die Anschrift des Kunden (BG-8) fehlt.",
    "BR-11": "Das Land des Kunden (BT-55) fehlt.",
    "BR-12": "Die Summe der Positionen (BT-106) fehlt.",
    "BR-13": "Der Nettobetrag (BT-109) fehlt.",
    "BR-14": "Der Bruttobetrag (BT-112) fehlt.",
    "BR-15": "Der Zahlbetrag (BT-115) fehlt.",
    "BR-16": "Die Rechnung hat keine Position (BG-25).",
    "BR-21": "Eine Position hat keine Nummer (BT-126).",
    "BR-22": "Eine Position hat keine Menge (BT-129).",
    "BR-23": "Eine Position hat keine Einheit (BT-130).",
    "BR-24": "Eine Position hat keinen Betrag (BT-131).",
    "BR-25": "Eine Position hat keine Bezeichnung (BT-153).",
    "BR-26": "Eine Position hat keinen Preis (BT-146).",
    "BR-27": "Ein Preis (BT-146) ist negativ.",
    "BR-29": "Der Leistungszeitraum (BG-14) endet, bevor er beginnt.",
    "BR-31": "Ein Nachlass (BG-20) hat keinen Betrag.",
    "BR-33": "Ein Nachlass (BG-20) hat keinen Grund.",
    "BR-36": "Ein Zuschlag (BG-21) hat keinen Betrag.",
    "BR-38": "Ein Zuschlag (BG-21) hat keinen Grund.",
    "BR-42": "Ein Nachlass einer Position (BG-27) hat keinen Grund.",
    "BR-44": "Ein Zuschlag einer Position (BG-28) hat keinen Grund.",
    "BR-49": "Die Zahlungsart (BT-81) fehlt.",
    "BR-50": "Das Zahlungskonto (BT-84) fehlt.",
    "BR-52": "Eine Anlage (BG-24) hat keine Kennung (BT-122).",
    "BR-55": "Die vorausgegangene Rechnung (BG-3) hat keine Nummer (BT-25).",
    "BR-61": "Zur Überweisung fehlt die IBAN (BT-84).",
    "BR-62": "Der elektronischen Adresse des Rechnungsstellers (BT-34) fehlt die Art.",
    "BR-63": "Der elektronischen Adresse des Kunden (BT-49) fehlt die Art.",
    "BR-CO-04": "Eine Position hat keine Steuerkategorie (BT-151).",
    "BR-CO-09": "Eine USt-IdNr. beginnt nicht mit dem Länderkürzel.",
    "BR-CO-10": "Die Summe der Positionen (BT-106) stimmt nicht.",
    "BR-CO-11": "Die Summe der Nachlässe (BT-107) stimmt nicht.",
    "BR-CO-12": "Die Summe der Zuschläge (BT-108) stimmt nicht.",
    "BR-CO-13": "Der Nettobetrag (BT-109) stimmt nicht.",
    "BR-CO-14": "Die Umsatzsteuer (BT-110) ist nicht die Summe der Steuerbeträge.",
    "BR-CO-15": "Brutto (BT-112) ist nicht Netto plus Umsatzsteuer.",
    "BR-CO-16": "Der Zahlbetrag (BT-115) stimmt nicht.",
    "BR-CO-17": "Ein Steuerbetrag (BT-117) passt nicht zu Betrag und Satz.",
    "BR-CO-18": "Die Steueraufschlüsselung (BG-23) fehlt.",
    "BR-CO-25": "Zum Zahlbetrag fehlen Fälligkeit (BT-9) oder Zahlungsbedingungen (BT-20).",
    "BR-CO-26": "Dem Rechnungssteller fehlt eine Kennung: USt-IdNr., Registernummer oder eigene Kennung.",
    "BR-CL-01": "Die Rechnungsart (BT-3) steht nicht in der Codeliste.",
    "BR-CL-04": "Die Währung (BT-5) steht nicht in der Codeliste.",
    "BR-CL-14": "Ein Land steht nicht in der Codeliste.",
    "BR-CL-16": "Die Zahlungsart (BT-81) steht nicht in der Codeliste.",
    "BR-CL-17": "Eine Steuerkategorie steht nicht in der Codeliste.",
    "BR-CL-23": "Eine Einheit (BT-130) steht nicht in der Codeliste.",
    "BR-DEC-23": "Ein Positionsbetrag (BT-131) hat mehr als zwei Nachkommastellen.",
}
_CATEGORIES = {
    "S": "Regelsteuersatz",
    "Z": "Nullsteuersatz",
    "E": "Steuerbefreiung",
    "AE": "Steuerschuld des Leistungsempfängers",
    "IC": "innergemeinschaftliche Lieferung",
    "G": "Ausfuhr",
    "O": "nicht steuerbar",
}
_OF_CATEGORY = {
    "01": "es muss genau eine Steuergruppe dazu geben.",
    "02": "eine Steuernummer oder USt-IdNr. fehlt.",
    "05": "der Steuersatz einer Position passt nicht.",
    "06": "der Steuersatz eines Nachlasses passt nicht.",
    "07": "der Steuersatz eines Zuschlags passt nicht.",
    "08": "der Nettobetrag der Steuergruppe stimmt nicht.",
    "09": "der Steuerbetrag der Steuergruppe stimmt nicht.",
    "10": "der Befreiungsgrund fehlt oder darf nicht stehen.",
    "11": "Leistungsdatum oder -zeitraum fehlt.",
    "12": "das Bestimmungsland fehlt.",
}
_RULE = re.compile(r"BR-([A-Z]{1,2})-([0-9]{2})")


def in_german(rule: str, original: str) -> str:
    """What is wrong, in German. A rule without words of ours is told in those of the rule file."""
    if rule in WORDS:
        return WORDS[rule]
    found = _RULE.fullmatch(rule)
    if found and found[1] in _CATEGORIES and found[2] in _OF_CATEGORY:
        return f"Steuerfall {_CATEGORIES[found[1]]}: {_OF_CATEGORY[found[2]]}"
    return f"Die Rechnung verletzt eine Regel der EN 16931: {original}"
