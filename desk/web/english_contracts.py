"""English for the pages of contracts."""

CONTRACTS = {
    "Abrechnung": "Billing",
    "Abweichend vereinbart, oder schon älter": "Agreed differently, or older",
    "Ab dem Tag": "From the day",
    "Ab dem {since} bekommt {customer}: {quantity} × {plan} zu je {price} netto {cycle}.": (
        "From {since} on {customer} has: {quantity} × {plan} at {price} net each, {cycle}."
    ),
    "Ab dem {since} gilt: {quantity} × {plan} zu je {price} netto {cycle}.": (
        "From {since} on: {quantity} × {plan} at {price} net each, {cycle}."
    ),
    "Alle Verträge": "All contracts",
    "Anderes Ende vereinbart": "Another end was agreed",
    "Anderswo schon berechnet bis": "Already billed elsewhere until",
    "Bei Eingang am {received} ist der {earliest} das früheste Ende.": (
        "With notice received on {received} the earliest end is {earliest}."
    ),
    "Aus Verträgen": "From contracts",
    "Beginn": "Begin",
    "Berechnet bis": "Billed until",
    "Berechnet wird nichts.": "Nothing is billed.",
    "Der Vertrag endet am {last}; für Tage danach wird nichts mehr berechnet.": (
        "The contract ends on {last}; days after it are not billed."
    ),
    "Der nächste Durchlauf berechnet {net} netto für {first} bis {last}.": (
        "The next run bills {net} net for {first} to {last}."
    ),
    "Die Kündigung gilt nicht mehr: der Vertrag läuft über den {last} hinaus weiter und wird weiter berechnet.": (
        "The notice is void: the contract goes on beyond {last} and is billed further."
    ),
    "Die Änderung ab dem {since} entfällt: {quantity} × {plan} zu je {price} netto {cycle}.": (
        "The change from {since} on is dropped: {quantity} × {plan} at {price} net each, {cycle}."
    ),
    "Die erste Rechnung entsteht am {day}: {net} netto für {first} bis {last}.": (
        "The first invoice is made on {day}: {net} net for {first} to {last}."
    ),
    "Die Rechnung für {first} bis {last} gilt nicht mehr: der nächste Durchlauf berechnet diese Tage neu.": (
        "The invoice for {first} to {last} is void: the next run bills these days anew."
    ),
    "Diesen Tarif gibt es in der Datei des Mandanten so nicht mehr; bis er dort wieder steht, wird nichts berechnet.": (
        "This plan is not in the client's file any more as it was; until it is there again, nothing is billed."
    ),
    "Eigener Preis netto je Zeitraum und Stück": "Own price, net per period and piece",
    "Eingang der Kündigung": "Notice received on",
    "Einmalig": "Once",
    "Einmalig mit der ersten Rechnung, netto": "Once with the first invoice, net",
    "Es bleibt bei: {quantity} × {plan} zu je {price} netto {cycle}.": (
        "It stays at: {quantity} × {plan} at {price} net each, {cycle}."
    ),
    "Frühestes Ende": "Earliest end",
    "Geplante Änderung zurücknehmen": "Take the planned change back",
    "Für {first} bis {last} ist schon berechnet; den Aufpreis von {net} netto berechnet der nächste Durchlauf.": (
        "{first} to {last} is billed already; the next run bills the difference of {net} net."
    ),
    "Kundennummer, ohne Nummer der Name": "Customer number, without one the name",
    "Kündigung eintragen": "Enter a notice",
    "Kündigung zurücknehmen": "Take the notice back",
    "Kündigungsfrist": "Period of notice",
    "Kündigungsfrist in Monaten": "Period of notice in months",
    "Kündigungsfrist in Tagen": "Period of notice in days",
    "Leer bleibt, was der Tarif sagt.": "Empty is what the plan says.",
    "Letzter Tag": "Last day",
    "Menge": "Quantity",
    "Mindestlaufzeit": "Minimum term",
    "Mindestlaufzeit in Monaten": "Minimum term in months",
    "Neu berechnen": "Bill anew",
    "Neuer Vertrag": "New contract",
    "Noch geschieht nichts: zuerst sehen Sie, was daraus folgt.": (
        "Nothing happens yet: first you see what will follow."
    ),
    "Noch kein Vertrag.": "No contract yet.",
    "Noch kennt niemand die Anschrift dieses Kunden: so lange wartet seine Rechnung.": (
        "Nobody knows this customer's address yet: until then his invoice waits."
    ),
    "Nächste Rechnung": "Next invoice",
    "Probezeit": "Trial",
    "Probezeit bis {day}": "trial until {day}",
    "Probezeit in Tagen": "Trial in days",
    "Tarif": "Plan",
    "Tarif, Menge und Preis": "Plan, quantity and price",
    "Verlängerung in Monaten": "Renewal in months",
    "Vereinbart": "Agreed",
    "Vertrag": "Contract",
    "Vertrag anlegen": "Make the contract",
    "Vertrag ändern": "Change the contract",
    "Vertragsnummer": "Contract number",
    "Verträge": "Contracts",
    "Was schon berechnet ist, bleibt, wie es ist.": "What is billed already stays as it is.",
    "Zeitraum": "Period",
    "ab": "from",
    "auch beendete": "ended ones too",
    "beendet am {day}": "ended on {day}",
    "beginnt am {day}": "begins on {day}",
    "berechnet": "billed",
    "danach auf unbestimmte Zeit": "then without end",
    "eigener Preis": "own price",
    "ein Monat": "one month",
    "endet am {day}": "ends on {day}",
    "halbjährlich": "every half-year",
    "im Voraus": "in advance",
    "jährlich": "every year",
    "keine": "none",
    "kostet ab": "costs from",
    "kostet nichts": "costs nothing",
    "leer: das früheste": "empty: the earliest",
    "leer: der des Tarifs": "empty: the plan's",
    "läuft": "running",
    "monatlich": "monthly",
    "nach dem Zeitraum": "after the period",
    "netto im Monat": "net a month",
    "netto je Stück": "net each",
    "nicht beendet": "not ended",
    "noch nicht berechnet": "not billed yet",
    "noch unbekannt": "not known yet",
    "nur nicht beendete": "only those not ended",
    "verlängert sich um {months} Monate": "renewed by {months} months",
    "vierteljährlich": "every quarter",
    "vom Monatsersten an": "from the first of the month on",
    "wenn heute gekündigt wird": "if notice is given today",
    "{days} Tage": "{days} days",
    "{months} Monate": "{months} months",
    "{months} Monate und {days} Tage": "{months} months and {days} days",
    "Über das Ende hinaus sind {net} netto berechnet: eine Aufgabe erinnert daran, sie gutzuschreiben.": (
        "{net} net are billed beyond the end: a task reminds to credit them."
    ),
}
