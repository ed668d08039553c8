"""CAMT.052, .053 and .054 (ISO 20022), versions 02 and 08, as German banks give them.

Read with lxml without DTD, entities, network and huge trees; a DOCTYPE is refused before and after parsing.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from lxml import etree

from billing.bank import BankLine
from billing.calendar import BERLIN
from billing.money import Money, total
from connectors.statements import (
    Entry,
    Statement,
    account_of,
    check_balance,
    clean,
    day_of,
    meaningful,
    money_of,
    refused,
    with_ids,
)

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.05([234])\.001\.(02|08)")
KINDS = {"2": "Rpt", "3": "Stmt", "4": "Ntfctn"}
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
REVERSED = "Rückbuchung"
MOST_ENTRIES = 200_000


def statements_of(content: bytes) -> list[Statement]:
    """All statements of a CAMT file. Raises `UnexpectedAnswer` for hostile XML, other versions and wrong sums."""
    root = _parsed(content)
    namespace = etree.QName(root).namespace or ""
    known = NAMESPACE.fullmatch(namespace)
    if not known:
        raise refused("es ist kein CAMT.052, .053 oder .054 in Version 02 oder 08", "Document")
    return [_statement(node, known.group(1)) for node in root.iterfind(f"{{*}}*/{{*}}{KINDS[known.group(1)]}")]


def _parsed(content: bytes) -> etree._Element:
    # UTF-16 puts a zero byte beside each letter.
    letters = content.replace(b"\0", b"").upper()
    if any(word in letters for word in FORBIDDEN):
        raise refused("sie enthält eine DOCTYPE-Angabe", "DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise refused("das XML ist fehlerhaft oder zu tief verschachtelt", "XML") from None
    if root.getroottree().docinfo.doctype:
        raise refused("sie enthält eine DOCTYPE-Angabe", "DOCTYPE")
    return root


def _statement(node: etree._Element, kind: str) -> Statement:
    account = account_of(_text(node, "Acct/Id/IBAN") or _text(node, "Acct/Id/Othr/Id"), "Acct")
    entries: list[Entry] = []
    pending = 0
    for entry in node.iterfind("{*}Ntry"):
        if _status(entry) == "BOOK":
            entries += _entries(entry)
        else:
            pending += 1
        if len(entries) > MOST_ENTRIES:
            raise refused("sie enthält unglaubhaft viele Umsätze", "Ntry")
    lines = with_ids(account, entries)
    _check(node, lines, kind)
    return Statement(f"camt.05{kind}", account, _complete_until(node, kind), lines, pending)


def _status(entry: etree._Element) -> str:
    """Version 02 has the code in `Sts`, version 08 in `Sts/Cd`."""
    return _text(entry, "Sts/Cd") or _text(entry, "Sts")


def _entries(entry: etree._Element) -> Iterator[Entry]:
    """One entry, or its single transactions if each has its amount and they add up to the entry's."""
    whole = _signed(entry, "Ntry")
    # NtryRef is often a mere running number of the file and says nothing about the movement.
    reference = meaningful(_text(entry, "AcctSvcrRef"))
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    amounts = [_own_amount(detail, whole) for detail in details]
    known = [amount for amount in amounts if amount is not None]
    if len(details) > 1 and len(known) == len(details) and total(known, whole.currency) == whole:
        for detail, amount in zip(details, known, strict=True):
            own = meaningful(_text(detail, "Refs/AcctSvcrRef")) or reference
            yield Entry(_line(entry, detail, amount), own)
    else:
        # A collective entry that cannot be taken apart stays one line: its parts are for a person to find.
        yield Entry(_line(entry, details[0] if len(details) == 1 else None, whole), reference)


def _own_amount(detail: etree._Element, whole: Money) -> Money | None:
    """A transaction's amount with its sign; version 02 has it below AmtDtls. None where left out or in other money."""
    amount = detail.find("{*}Amt")
    if amount is None:
        amount = detail.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
    if amount is None or amount.get("Ccy") != whole.currency:
        return None
    money = money_of((amount.text or "").strip(), whole.currency, "TxDtls.Amt")
    sign = _text(detail, "CdtDbtInd")
    is_debit = sign == "DBIT" if sign else whole.amount < 0
    return -money if is_debit else money


def _line(entry: etree._Element, detail: etree._Element | None, amount: Money) -> BankLine:
    booked = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    value = _text(entry, "ValDt/Dt") or _text(entry, "ValDt/DtTm")
    node = entry if detail is None else detail
    # Whoever pays stands under Dbtr, whoever is paid under Cdtr; a returned debit shows its debtor, too.
    side = "Dbtr" if amount.amount >= 0 or _return_reason(entry, node) else "Cdtr"
    pieces = [piece.text or "" for piece in node.iterfind("{*}RmtInf/{*}Ustrd")]
    return BankLine(
        id="",
        booked_on=day_of(booked, "BookgDt"),
        amount=amount,
        value_on=day_of(value, "ValDt") if value else None,
        counterparty=clean(_party(node, side), "Nm"),
        iban="".join(_text(node, f"RltdPties/{side}Acct/Id/IBAN").split()).upper(),
        purpose=clean("\n".join(pieces) or _text(entry, "AddtlNtryInf"), "Ustrd"),
        creditor_reference=clean(_text(node, "RmtInf/Strd/CdtrRefInf/Ref"), "CdtrRefInf"),
        end_to_end_id=clean(meaningful(_text(node, "Refs/EndToEndId")), "EndToEndId"),
        mandate=clean(_text(node, "Refs/MndtId"), "MndtId"),
        return_reason=clean(_return_reason(entry, node), "RtrInf"),
    )


def _party(node: etree._Element, side: str) -> str:
    """The name; version 08 puts it below Pty. Who acts for another is less telling than the other himself."""
    places = [f"RltdPties/{party}/{inner}Nm" for party in (f"Ultmt{side}", side) for inner in ("Pty/", "")]
    return next((name for name in (_text(node, place) for place in places) if name), "")


def _return_reason(entry: etree._Element, node: etree._Element) -> str:
    reason = _text(node, "RtrInf/Rsn/Cd") or _text(node, "RtrInf/Rsn/Prtry") or _text(node, "RtrInf/AddtlInf")
    return reason or (REVERSED if _text(entry, "RvslInd") in {"true", "1"} else "")


def _signed(node: etree._Element, place: str) -> Money:
    amount = node.find("{*}Amt")
    if amount is None:
        raise refused(f"in {place} fehlt der Betrag", place)
    money = money_of((amount.text or "").strip(), amount.get("Ccy") or "", f"{place}.Amt")
    sign = _text(node, "CdtDbtInd")
    if sign not in {"CRDT", "DBIT"}:
        raise refused(f"in {place} steht weder Soll noch Haben", place)
    return money if sign == "CRDT" else -money


def _balances(node: etree._Element) -> dict[str, tuple[Money, date]]:
    found = {}
    for balance in node.iterfind("{*}Bal"):
        day = _text(balance, "Dt/Dt") or _text(balance, "Dt/DtTm")
        found[_text(balance, "Tp/CdOrPrtry/Cd")] = (_signed(balance, "Bal"), day_of(day, "Bal.Dt"))
    return found


def _check(node: etree._Element, lines: tuple[BankLine, ...], kind: str) -> None:
    """A statement of account must add up; pages of one (more than one opening or closing) are not reckoned."""
    balances = _balances(node)
    opening = balances.get("OPBD") or balances.get("PRCD")
    closing = balances.get("CLBD")
    if kind == "3" and opening and closing and opening[0].currency == closing[0].currency:
        check_balance(opening[0], lines, closing[0], "Stmt")


def _complete_until(node: etree._Element, kind: str) -> date | None:
    """053: the day of the closing balance. 052: the day before it was made. 054 tells single movements only."""
    if kind == "4":
        return None
    closing = _balances(node).get("CLBD")
    if closing:
        return closing[1]
    made = _text(node, "CreDtTm")
    if not made:
        return None
    try:
        moment = datetime.fromisoformat(made)
    except ValueError:
        raise refused("CreDtTm ist kein Zeitpunkt", "CreDtTm") from None
    local = moment.astimezone(BERLIN) if moment.tzinfo else moment
    return local.date() - timedelta(1)


def _text(node: etree._Element, path: str) -> str:
    found = node.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return (found.text or "").strip() if found is not None else ""
