"""Money: bank and cash accounts, their transactions, and booking on invoices."""

from datetime import date
from decimal import Decimal

from sandbox.sevdesk.account import Account, Booking, answer_of
from sandbox.sevdesk.calls import Call, Reply, Routes, factory_reply
from sandbox.sevdesk.documents import contact_name
from sandbox.sevdesk.errors import Json, refused
from sandbox.sevdesk.invoices import OPEN, OWING, PAID, PARTLY_PAID
from sandbox.sevdesk.listing import Filter, day_from, day_to, flag, like, listed, refers, single
from sandbox.sevdesk.records import Record, Ref, shown
from sandbox.sevdesk.statics import CLIENT
from sandbox.sevdesk.values import Reader, day, demand, number, one_of, read, reference, text, whole

KINDS = ("FULL_PAYMENT", "N", "CB", "CF", "O", "OF", "MTC")
SETTLING = {"FULL_PAYMENT", "CB", "CF", "O", "OF", "MTC"}
"""Kinds after which the invoice counts as paid whatever the amount was; so a part booked as FULL_PAYMENT goes wrong."""
CREATED, BOOKED = 100, 400
TRANSACTION: dict[str, Reader] = {
    "valueDate": day,
    "entryDate": day,
    "paymtPurpose": text,
    "amount": number,
    "payeePayerName": text,
    "payeePayerAcctNo": text,
    "payeePayerBankCode": text,
    "checkAccount": reference("CheckAccount"),
    "status": whole,
}
TRANSACTION_FIELDS = (
    *TRANSACTION, "gvCode", "entryText", "primaNotaNo", "sourceTransaction", "targetTransaction", "enshrined",
)  # fmt: skip
FILTERS: dict[str, Filter] = {
    **refers("checkAccount"),
    "isBooked": lambda wish: lambda row: (row["status"] >= 350) == (wish in ("true", "1")),
    "paymtPurpose": like("paymtPurpose"),
    "payeePayerName": like("payeePayerName"),
    "startDate": day_from("valueDate"),
    "endDate": day_to("valueDate"),
    "onlyCredit": flag(lambda row: row["amount"] > 0),
    "onlyDebit": flag(lambda row: row["amount"] < 0),
}


def book_amount(account: Account, call: Call) -> Reply:
    """PUT /Invoice/{id}/bookAmount; 422 unless the invoice is open or partly paid."""
    invoice = account.get("Invoice", call.id)
    readers: dict[str, Reader] = {
        "amount": number,
        "date": day,
        "type": one_of(*KINDS),
        "checkAccount": reference("CheckAccount"),
        "checkAccountTransaction": reference("CheckAccountTransaction"),
    }
    given = read(readers, call.body)
    demand(given, "amount", "date", "type", "checkAccount")
    if invoice["status"] not in OWING:
        raise refused("Only open invoices can be booked")
    transaction = _transaction_for(account, invoice, given)
    booked = book(account, invoice, given["amount"], given["date"], given["type"], transaction)
    return factory_reply(_log(account, invoice, booked, given))


def book(account: Account, invoice: Record, amount: Decimal, on: date, kind: str, transaction: Record | None) -> Record:
    """Note the money and set the status: paid, partly paid, or (older accounts) still open."""
    account.bookings.append(Booking(invoice.id, amount, on, kind, transaction.id if transaction else None))
    if transaction is not None:
        account.change(transaction, status=BOOKED)
    paid = invoice["paidAmount"] + amount
    if kind in SETTLING or paid >= invoice["sumGross"]:
        return account.change(invoice, paidAmount=paid, status=PAID, payDate=on)
    status = OPEN if account.settings.partial_stays_open else PARTLY_PAID
    return account.change(invoice, paidAmount=paid, status=status)


def record_by_hand(account: Account, invoice: Record, amount: Decimal | None, on: date) -> Record:
    """The owner books a transfer in the app; without an amount all that is open. Paying again only adds money."""
    if invoice["status"] not in (*OWING, PAID):
        raise refused(f"Eine Rechnung im Zustand {invoice['status']} kann nicht bezahlt werden.")
    owed = invoice["sumGross"] - invoice["paidAmount"]
    paid = owed if amount is None else amount
    bank = next(row for row in account.rows("CheckAccount") if row["type"] == "online")
    payer = contact_name(account.needed(invoice["contact"]))
    line = bank_line(account, bank, paid, str(invoice["invoiceNumber"]), payer, on)
    return book(account, invoice, paid, on, "N", line)


def bank_line(account: Account, bank: Record, amount: Decimal, purpose: str, payer: str, on: date) -> Record:
    """A transaction as the bank feed brings it: not booked yet."""
    fields = dict.fromkeys(TRANSACTION_FIELDS) | {
        "valueDate": on,
        "entryDate": on,
        "paymtPurpose": purpose,
        "amount": amount,
        "payeePayerName": payer,
        "checkAccount": bank.ref,
        "status": CREATED,
    }
    return account.add("CheckAccountTransaction", fields)


def new_transaction(account: Account, call: Call) -> Reply:
    """POST /CheckAccountTransaction: only on accounts filled by file import."""
    fields: Json = dict.fromkeys(TRANSACTION_FIELDS) | read(TRANSACTION, call.body)
    demand(fields, "valueDate", "amount", "payeePayerName", "checkAccount", "status")
    if account.needed(fields["checkAccount"])["importType"] is None:
        raise refused("Transactions can only be created on file import accounts")
    return factory_reply(answer_of(account.add("CheckAccountTransaction", fields)), 201)


def transaction_list(account: Account, call: Call) -> Reply:
    """GET /CheckAccountTransaction, newest first."""
    return listed(account, account.rows("CheckAccountTransaction", stale=call.stale)[::-1], FILTERS, call)


def _transaction_for(account: Account, invoice: Record, given: Json) -> Record:
    """The bank line to book; cash and clearing accounts make their own."""
    bank = account.needed(given["checkAccount"])
    ref: Ref | None = given.get("checkAccountTransaction")
    if ref is not None:
        line = account.needed(ref)
        if line["status"] != CREATED or line["checkAccount"] != bank.ref:
            raise refused("The checkAccountTransaction is already linked or belongs to another account")
        return line
    if bank["type"] == "online":
        raise refused("A checkAccountTransaction is required for online accounts")
    payer = contact_name(account.needed(invoice["contact"]))
    return bank_line(account, bank, given["amount"], str(invoice["invoiceNumber"]), payer, given["date"])


def _log(account: Account, before: Record, after: Record, given: Json) -> Json:
    log = account.add("InvoiceLog", {"additionalInformation": None})
    return answer_of(log) | {
        "creditNote": shown(after.ref),
        "fromStatus": shown(before["status"]),
        "toStatus": shown(after["status"]),
        "ammountPayed": shown(given["amount"]),
        "bookingDate": shown(given["date"]),
        "sevClient": shown(CLIENT),
    }


ROUTES: Routes = {
    ("PUT", "/Invoice/{id}/bookAmount"): book_amount,
    ("GET", "/CheckAccount"): lambda account, call: listed(account, account.rows("CheckAccount"), {}, call),
    ("GET", "/CheckAccount/{id}"): lambda account, call: single(account, "CheckAccount", call),
    ("GET", "/CheckAccountTransaction"): transaction_list,
    ("GET", "/CheckAccountTransaction/{id}"): lambda account, call: single(account, "CheckAccountTransaction", call),
    ("POST", "/CheckAccountTransaction"): new_transaction,
}
