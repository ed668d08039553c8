"""The English sentences of the pages: what an action will do, what charts show, how figures are reckoned."""

_CANCELLING = (
    "Ab sofort wird nicht mehr gemahnt. Der nächste Durchlauf storniert Rechnung {number} über {gross} in der"
    " Buchhaltung, legt die Stornorechnung mit eigener Nummer ab und sendet sie dem Kunden, wenn er die Rechnung hat."
    " Bis dahin lässt sich das zurücknehmen, danach nicht mehr. Ihr Grund bleibt im Haus."
)
_CANCELLING_ENGLISH = (
    "Reminders stop at once. The next run cancels invoice {number} of {gross} in the accounting system, files the"
    " cancellation under its own number and sends it to the customer if he has the invoice. Until then this can be"
    " undone, afterwards not. Your reason stays in the house."
)

SENTENCES = {
    "Der nächste Durchlauf legt die Rechnung in der Buchhaltung an und versendet sie.": (
        "The next run creates the invoice in the accounting system and sends it."
    ),
    "Die Rechnung entsteht nicht; der Auftrag bleibt vermerkt.": "No invoice is made; the job stays on record.",
    "Die Sendung, deren Schicksal unbekannt ist, gilt als angekommen und geht nicht noch einmal hinaus.": (
        "What was sent and is of unknown fate counts as delivered and does not leave again."
    ),
    "Beim nächsten Durchlauf gehen genau die archivierten Bytes noch einmal hinaus. War die erste Sendung"
    " doch angekommen, hat der Kunde sie zweimal.": (
        "The next run sends exactly the archived bytes again. If the first did arrive, the customer has them twice."
    ),
    "Der Brief gilt als nicht angekommen. Es entsteht eine Aufgabe, und gemahnt wird erst, wenn ein anderer"
    " Weg gefunden ist.": (
        "The letter counts as not delivered. A task is made, and nobody is reminded until another way is found."
    ),
    "Der nächste Durchlauf sendet dem Kunden dieselben Belege noch einmal, auf demselben Weg. Eine Mail nennt"
    " sich Zweitschrift und bittet, nur einmal zu zahlen; Fristen beginnen nicht von vorn.": (
        "The next run sends the same documents to the customer again, the same way. A mail says that it is a second"
        " copy and asks to pay once; periods do not start anew."
    ),
    "Was abgelehnt wurde, fehlschlug oder angehalten ist, wird beim nächsten Lauf noch einmal versucht.": (
        "What was refused, failed or is held is tried again by the next run."
    ),
    "Bis zu diesem Tag wird nicht gemahnt. Kommt das Geld nicht, geht es danach sofort weiter.": (
        "No reminder until that day. If the money does not come, dunning goes on right after it."
    ),
    "Ohne Betrag ruht die ganze Mahnung; mit Betrag wird nur der unstrittige Teil verlangt.": (
        "Without an amount nothing is dunned; with one only the undisputed part is asked for."
    ),
    "Die Rechnung wird erst nach diesem Tag fällig; bis dahin kein Verzug und keine Mahnung.": (
        "The invoice falls due only after that day; until then no default and no reminder."
    ),
    "Diese Rechnung wird nicht gemahnt, bis zu dem Tag oder bis die Sperre aufgehoben wird.": (
        "This invoice is not dunned, until that day or until the block is lifted."
    ),
    "Zu dieser Rechnung verlässt nichts mehr das Haus, weder Mail noch Erinnerung, bis zu dem Tag oder bis"
    " sie weitergeht.": (
        "Nothing leaves for this invoice any more, neither mail nor reminder, until that day or until it goes on."
    ),
    "Was wartet, geht beim nächsten Durchlauf hinaus.": "What waits leaves with the next run.",
    "Ab dem nächsten Durchlauf geht die Rechnung wieder ihren Weg.": "From the next run on the invoice goes its way.",
    "Was noch nicht geschehen ist, geschieht nicht mehr: der offene Vorgang wird zurückgezogen.": (
        "What has not happened yet will not happen: the open step is withdrawn."
    ),
    "Die Forderung gilt als uneinbringlich und wird nicht mehr gemahnt. In der Buchhaltung bitte selbst ausbuchen.": (
        "The claim counts as uncollectible and is not dunned any more. Please write it off in the accounting system."
    ),
    _CANCELLING: _CANCELLING_ENGLISH,
    f"{_CANCELLING} Bezahlt sind {{paid}}: die stehen dem Kunden dann zu.": (
        f"{_CANCELLING_ENGLISH} {{paid}} have been paid: these are due back to the customer then."
    ),
    "Die von Hand eingetragene Zahlung über {amount} vom {on} wird gegengebucht; beide Buchungen bleiben sichtbar.": (
        "The payment of {amount} of {on}, entered by hand, is booked back; both bookings stay visible."
    ),
    "Offen sind {open}. Die Zahlung wird gebucht und der offene Betrag sinkt.": (
        "{open} are open. The payment is booked and the open amount goes down."
    ),
}

CHARTS = {
    "Stand vom": "As of",
    "Umsatz je Monat": "Turnover per month",
    "Offene Posten nach Alter": "Open items by age",
    "{months} Monate, zusammen {total} Euro netto. Werte in Tausend Euro über den Säulen.": (
        "{months} months, {total} euro net altogether. Values in thousand euro above the columns."
    ),
    "Zahlungsziel": "Term",
    "letztes Halbjahr": "last half-year",
    "Jan": "Jan",
    "Feb": "Feb",
    "Mär": "Mar",
    "Apr": "Apr",
    "Mai": "May",
    "Jun": "Jun",
    "Jul": "Jul",
    "Aug": "Aug",
    "Sep": "Sep",
    "Okt": "Oct",
    "Nov": "Nov",
    "Dez": "Dec",
    "DSO nach der Ausschöpfungsmethode: Vom heute offenen Betrag werden die Bruttoumsätze dieses Monats, des Monats"
    " davor und so weiter abgezogen; die verbrauchten Tage sind das Ergebnis. Einfach: offener Betrag durch den"
    " Bruttoumsatz der letzten 90 Tage, mal 90.": (
        "DSO by the count-back method: the gross turnover of this month, of the month before and so on is taken from"
        " what is open today; the days used up are the result. Simply: open amount by gross turnover of the last 90"
        " days, times 90."
    ),
    "Gezählt wird vom Rechnungsdatum bis zum Tag des Zahlungseingangs; wo ihn nur die Buchhaltung kennt, bis zu dem"
    " Tag, an dem er dort zum ersten Mal zu lesen war. Stornierte Rechnungen zählen nicht mit, Gutschriften mindern den"
    " Umsatz.": (
        "Counted from the invoice date to the day of payment; where only the accounting system knows it, to the day on"
        " which it was first seen there. Cancelled invoices do not count, credit notes reduce turnover."
    ),
}
