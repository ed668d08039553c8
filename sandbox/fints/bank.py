"""One account at a bank: who may look, with which PIN, when the app must confirm, and the statements it gives."""

import secrets
from dataclasses import dataclass, field

from sandbox.fints.wire import Segment, read, write

BANK_CODE = "12030000"
CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"
APP = "942"
"""The number of the only two-step method: confirmation in an app."""
WRONG_PINS = 3

Answer = tuple[str, str, tuple[str, ...]]
"""A return code, its text, and its parameters."""


@dataclass
class Bank:
    """What the bank knows. `asks` makes every new dialog wait for the app; `locked` after three wrong PINs."""

    user: str = "buehne"
    pin: str = "12345"
    iban: str = "DE02120300000000202051"
    bic: str = "BYLADEM1001"
    product: str = ""
    asks: bool = False
    has_camt: bool = True
    wrong: int = 0
    looks: int = 0
    statements: list[bytes] = field(default_factory=list)
    dialogs: dict[str, str] = field(default_factory=dict)
    wanted: list[tuple[str, str]] = field(default_factory=list)

    @property
    def login(self) -> dict[str, str]:
        """What a customer needs to know."""
        return {"bank_code": BANK_CODE, "username": self.user, "pin": self.pin, "iban": self.iban}

    def answer(self, message: bytes) -> bytes:
        """The bank's answer to a whole message."""
        outer = read(message)
        dialog, number = _text(outer[0], 3), _text(outer[0], 4)
        sealed = next(segment for segment in outer if _kind(segment) == "HNVSD")
        inner = sealed[1][0]
        assert isinstance(inner, bytes)
        segments = read(inner)
        if _text(next(each for each in segments if _kind(each) == "HNSHA"), 3, 0) != self.pin or self._is_locked:
            return self._refuse(number)
        self.wrong = 0
        answers = Answers()
        answers.add("HIRMG", "2", ("0010", "", "Nachricht entgegengenommen."))
        if dialog == "0":
            dialog = secrets.token_hex(8)
            self._begin(segments, answers)
        for segment in segments:
            if _kind(segment) in ORDERS:
                ORDERS[_kind(segment)](self, segment, answers)
        return _sealed(answers.written, dialog, number)

    @property
    def _is_locked(self) -> bool:
        return self.wrong >= WRONG_PINS

    def _refuse(self, number: str) -> bytes:
        self.wrong += 1
        answers = Answers()
        answers.add("HIRMG", "2", ("9050", "", "Die Nachricht enthält Fehler."))
        code, text = ("3938", "Ihr Zugang ist gesperrt.") if self._is_locked else ("9942", "PIN ungültig.")
        answers.add("HIRMS", "2", (code, "", text))
        return _sealed(answers.written, "0", number)

    def _begin(self, segments: list[Segment], answers: "Answers") -> None:
        """What every dialog begins with: parameters of bank and user, and whether the app must confirm."""
        start = next(each for each in segments if _kind(each) == "HKVVB")
        self.product = _text(start, 4)
        answers.add("HIRMS", "2", ("3920", "", "Zugelassene Verfahren", APP), to=start)
        self._parameters(answers)
        tan = [each for each in segments if _kind(each) == "HKTAN"]
        if tan and self.asks:
            answers.add("HIRMS", "2", ("3955", "", "Sicherheitsfreigabe erfolgt über anderen Kanal."), to=tan[0])
            answers.add("HITAN", "7", "4", "", secrets.token_hex(8), "Bitte in der App freigeben.", to=tan[0])
        elif tan:
            answers.add("HIRMS", "2", ("3076", "", "Starke Kundenauthentifizierung nicht notwendig."), to=tan[0])
            answers.add("HITAN", "7", "4", "", "noref", "nochallenge", to=tan[0])

    def _parameters(self, answers: "Answers") -> None:
        code = ("280", BANK_CODE)
        answers.add("HIBPA", "3", "78", code, "Bank auf der Bühne", "3", "1", "300", "500")
        answers.add("HISPAS", "1", "1", "1", "0", ("N", "N", "N", CAMT))
        if self.has_camt:
            answers.add("HICAZS", "1", "1", "1", "0", ("90", "N", "N", CAMT))
        method = (APP, "2", "APP", "Decoupled", "1.0", "App", "1", "1", "Freigabe", "2048", "N", "1", "N", "0", "0")
        poll = ("N", "N", "00", "0", "N", "1", "30", "2", "2", "J", "J")
        answers.add("HITANS", "7", "1", "1", "0", ("N", "N", "0", *method, *poll))
        answers.add("HIPINS", "1", "1", "1", "0", ("5", "20", "6", "", "", "HKSPA", "N", "HKCAZ", "N"))
        answers.add("HIUPA", "4", self.user, "5", "0")

    def _synchronise(self, order: Segment, answers: "Answers") -> None:
        answers.add("HISYN", "4", secrets.token_hex(10), to=order)

    def _accounts(self, order: Segment, answers: "Answers") -> None:
        number = self.iban[12:].lstrip("0")
        answers.add("HISPA", "1", ("J", self.iban, self.bic, number, "", "280", BANK_CODE), to=order)

    def _statements(self, order: Segment, answers: "Answers") -> None:
        """All booked entries; without any the bank says 3010 and sends none."""
        self.wanted.append((_text(order, 4), _text(order, 5)))
        if not self.statements:
            answers.add("HIRMS", "2", ("3010", "", "Keine Umsätze vorhanden."), to=order)
            return
        answers.add("HIRMS", "2", ("0020", "", "Auftrag ausgeführt."), to=order)
        answers.add("HICAZ", "1", (self.iban, self.bic), CAMT, tuple(self.statements), to=order)

    def _confirmation(self, order: Segment, answers: "Answers") -> None:
        """How far the app is: the first look finds nothing, the second finds it confirmed for good."""
        if _text(order, 1) != "S":
            return
        self.looks += 1
        if self.asks and self.looks < 2:
            answers.add("HIRMS", "2", ("3956", "", "Freigabe noch nicht erteilt."), to=order)
        else:
            self.asks = False
            answers.add("HIRMS", "2", ("0020", "", "Auftrag ausgeführt."), to=order)
        answers.add("HITAN", "7", "S", "", "noref", "nochallenge", to=order)

    def _end(self, order: Segment, answers: "Answers") -> None:
        answers.add("HIRMS", "2", ("0100", "", "Dialog beendet."), to=order)


ORDERS = {
    "HKSYN": Bank._synchronise,
    "HKTAN": Bank._confirmation,
    "HKSPA": Bank._accounts,
    "HKCAZ": Bank._statements,
    "HKEND": Bank._end,
}


class Answers:
    """The segments of an answer, numbered as they come."""

    def __init__(self) -> None:
        self.written = b""
        self._number = 1

    def add(self, kind: str, version: str, *elements: str | tuple[str | bytes, ...], to: Segment | None = None) -> None:
        """One segment, naming the one it answers."""
        self._number += 1
        head: tuple[str, ...] = (kind, str(self._number), version)
        if to is not None:
            head = (*head, str(to[0][1]))
        self.written += write([head, *elements])


def _kind(segment: Segment) -> str:
    return str(segment[0][0])


def _text(segment: Segment, element: int, part: int = 0) -> str:
    return str(segment[element][part]) if len(segment) > element and len(segment[element]) > part else ""


def _sealed(content: bytes, dialog: str, number: str) -> bytes:
    """The envelope: nothing in it is really encrypted, TLS does that (Sicherheitsverfahren PIN/TAN, B.9.8)."""
    place = ("1", "", "0")
    now, name = ("1", "20261102", "080000"), ("280", BANK_CODE, "buehne", "V", "0", "0")
    cipher = ("2", "2", "13", b"\0" * 8, "5", "1")
    seal = write([("HNVSK", "998", "3"), ("PIN", "1"), "998", "1", place, now, cipher, name, "0"])
    body = seal + write([("HNVSD", "999", "1"), content]) + write([("HNHBS", "99", "1"), number])
    rest = write(["300", dialog, number, (dialog, number)])
    head = write([("HNHBK", "1", "3")])[:-1]
    size = len(head) + len(rest) + len(body) + 14
    return head + b"+%012d+" % size + rest + body
