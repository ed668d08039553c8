"""English for the page of recorded work."""

TIMES = {
    "Zeiten": "Time",
    "Zeiten freigeben": "Approve time",
    "Alle abrechenbaren auswählen": "Select all billable ones",
    "Auswählen": "Select",
    "Dieser Monat hat keine Zeiten.": "This month has no time entries.",
    "Einträge": "entries",
    "Freigegeben wird, was angekreuzt ist. Ab dem Abrechnungstag wird daraus eine Sammelrechnung.": (
        "What is ticked is approved. From the billing day on it becomes a collective invoice."
    ),
    "Grund (zum Ablehnen nötig)": "Reason (needed to reject)",
    "Noch kennt niemand die Anschrift dieses Kunden.": "Nobody knows this customer's address yet.",
    "Nicht berechnen": "Do not bill",
    "Nachtrag": "Late entry",
    "Rechnung": "Invoice",
    "Stunden": "Hours",
    "Tätigkeit": "Activity",
    "Ticket": "Ticket",
    "Wer": "Who",
    "abgelehnt": "rejected",
    "abgerechnet": "billed",
    "abrechenbar": "billable",
    "erfasst": "recorded",
    "freigegeben": "approved",
    "gelöscht": "deleted",
    "im Kontingent": "in the allowance",
    "nicht abrechenbar": "not billable",
    "ohne Freigabe": "not approved",
    "voraussichtlich": "expected",
}
