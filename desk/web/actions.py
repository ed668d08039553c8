"""What a person may do about an invoice, as data; carried out by the same functions as on the command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.calendar import berlin_day
from config.client import policies_of
from desk import approving, deciding, levers
from desk.console import german
from desk.reading import Mistake
from desk.web.access import Right
from desk.web.given import Given
from desk.words import Saying
from flows.wiring import House
from ledger import approvals
from ledger.effects import Kind as Effect
from ledger.effects import State
from ledger.invoices import customer_number
from ledger.levers import Kind
from ledger.outgoing import WAYS
from ledger.overrides import LETTERS, TRANSMISSIONS, UNDER_WAY, NothingToDecide, Word
from ledger.story import Story

REASON, UNTIL, ON, AMOUNT = "reason", "until", "on", "amount"


@dataclass(frozen=True, slots=True)
class Doing:
    """One wish to act: about what, with which words, by whom and when."""

    house: House
    story: Story
    given: Given
    by: str
    now: datetime

    @property
    def word(self) -> Word:
        """Who decides and why."""
        return Word(self.by, self.given.reason)


@dataclass(frozen=True, slots=True)
class Action:
    """`says` is what will happen, in a sentence for the confirmation; `undo` names the action that takes it back.

    `fields` are asked for; those in `needed` must be filled in. `bar` says why this client cannot have it at all.
    """

    name: str
    title: str
    right: Right
    says: Callable[[Story], Saying]
    is_possible: Callable[[Story], bool]
    do: Callable[[Doing], str]
    fields: tuple[str, ...] = (REASON,)
    needed: tuple[str, ...] = (REASON,)
    undo: str = ""
    is_grave: bool = False
    bar: Callable[[House, Story], str] = lambda _house, _story: ""


def possible(house: House, story: Story) -> list[Action]:
    """What may be done about an invoice as it stands."""
    return [action for action in ACTIONS.values() if action.is_possible(story) and not action.bar(house, story)]


def find(name: str, house: House, story: Story) -> Action:
    """The action of that name. Raises `KeyError` where there is none, `NothingToDecide` where it means nothing now."""
    action = ACTIONS[name]
    if not action.is_possible(story):
        raise NothingToDecide(f"„{action.title}“ geht bei dieser Rechnung jetzt nicht (mehr).")
    if why := action.bar(house, story):
        raise NothingToDecide(why)
    return action


def carry_out(action: Action, doing: Doing) -> str:
    """Do it and say what follows. Raises `Mistake` for a missing field, `NothingToDecide` when it is too late."""
    for field in action.needed:
        if not getattr(doing.given, field):
            raise Mistake(MISSING[field])
    return action.do(doing)


MISSING = {
    REASON: "Bitte einen Grund nennen; er steht mit Ihrem Namen im Journal.",
    UNTIL: "Bitte den letzten Tag nennen.",
    ON: "Bitte den Tag nennen.",
    AMOUNT: "Bitte den Betrag nennen.",
}


def _approve(doing: Doing) -> str:
    return _approval(doing, granted=True)


def _decline(doing: Doing) -> str:
    return _approval(doing, granted=False)


def _approval(doing: Doing, *, granted: bool) -> str:
    row = doing.story.invoice
    return approving.decide(doing.house, row.marker, row.client, doing.word, doing.now, granted=granted)


def _decide(verb: str) -> Callable[[Doing], str]:
    def do(doing: Doing) -> str:
        row = doing.story.invoice
        policy = policies_of(doing.house.client(row.client).config).of(customer_number(row))
        return deciding.decide(doing.house.ledger, row.id, verb, policy, doing.word, doing.now)

    return do


def _hold(doing: Doing) -> str:
    invoice_id = doing.story.invoice.id
    return deciding.hold(doing.house.ledger, invoice_id, doing.given.until, doing.word, doing.now)


def _release(doing: Doing) -> str:
    return deciding.release(doing.house.ledger, doing.story.invoice.id, doing.word, doing.now)


def _pull(kind: Kind) -> Callable[[Doing], str]:
    def do(doing: Doing) -> str:
        given, day = doing.given, doing.given.until or doing.given.on
        invoice_id = doing.story.invoice.id
        return levers.pull(doing.house.ledger, invoice_id, kind, doing.word, given.amount, day, doing.now)

    return do


def _lift(kind: Kind) -> Callable[[Doing], str]:
    def do(doing: Doing) -> str:
        return levers.lift(doing.house.ledger, doing.story.invoice.id, kind, doing.word, doing.now)

    return do


def _pay(doing: Doing) -> str:
    amount, on = doing.given.amount, doing.given.on
    assert amount is not None
    assert on is not None
    if on > berlin_day(doing.now):
        raise Mistake("Der Tag des Eingangs liegt in der Zukunft.")
    invoice_id, once = doing.story.invoice.id, doing.given.once
    return levers.add_payment(doing.house.ledger, invoice_id, amount, on, doing.by, doing.now, once)


def _cancel(doing: Doing) -> str:
    row = doing.story.invoice
    return deciding.cancel(doing.house, row.id, row.client, doing.word, doing.now)


def _can_be_cancelled(story: Story) -> bool:
    is_asked = story.has_effect([Effect.CANCEL_INVOICE], [state for state in State if state != State.CANCELLED])
    return bool(story.invoice.number) and not story.invoice.is_voided and not is_asked


CANCELLING = (
    "Ab sofort wird nicht mehr gemahnt. Der nächste Durchlauf storniert Rechnung {number} über {gross} in der"
    " Buchhaltung, legt die Stornorechnung mit eigener Nummer ab und sendet sie dem Kunden, wenn er die Rechnung hat."
    " Bis dahin lässt sich das zurücknehmen, danach nicht mehr. Ihr Grund bleibt im Haus."
)
CANCELLING_PAID = f"{CANCELLING} Bezahlt sind {{paid}}: die stehen dem Kunden dann zu."
TAKING_BACK = (
    "Die von Hand eingetragene Zahlung über {amount} vom {on} wird gegengebucht; beide Buchungen bleiben sichtbar."
)
PAYING = "Offen sind {open}. Die Zahlung wird gebucht und der offene Betrag sinkt."


def _euro(amount: Decimal) -> str:
    return f"{german(amount)}\N{NO-BREAK SPACE}€"


def _cancelling_says(story: Story) -> Saying:
    row = story.invoice
    paid = row.gross - row.open_amount
    values = {"number": row.number or row.marker, "gross": _euro(row.gross), "paid": _euro(paid)}
    return Saying(CANCELLING_PAID if paid > 0 else CANCELLING, values)


def _take_payment_back(doing: Doing) -> str:
    return levers.take_payment_back(doing.house.ledger, doing.story.invoice.id, doing.word, doing.now)


def _taking_back_says(story: Story) -> Saying:
    assert story.by_hand
    values = {"amount": _euro(story.by_hand.amount), "on": german(story.by_hand.received_on)}
    return Saying(TAKING_BACK, values)


def _duplicate(doing: Doing) -> str:
    return deciding.duplicate(doing.house.ledger, doing.story.invoice.id, doing.word, doing.now)


def _letter_returned(doing: Doing) -> str:
    return deciding.letter_returned(doing.house.ledger, doing.story.invoice.id, doing.word, doing.now)


def _can_be_duplicated(story: Story) -> bool:
    is_there = story.has_effect(WAYS, [State.DONE])
    is_under_way = story.has_effect([Effect.SEND_DUPLICATE, Effect.POST_INVOICE], UNDER_WAY)
    return is_there and not story.invoice.is_voided and not is_under_way


def _said(text: str) -> Callable[[Story], Saying]:
    return lambda _story: Saying(text, {})


def _is_open(story: Story) -> bool:
    return story.is_open


def _is_held(story: Story) -> bool:
    return bool(story.holds) and story.holds[-1].lifted_at is None


def _waits_for_approval(story: Story) -> bool:
    return story.approval is not None and story.approval.state == approvals.State.WAITING


def _has(states: Sequence[State], kinds: Sequence[str] = ()) -> Callable[[Story], bool]:
    return lambda story: story.has_effect(kinds or [effect.kind for effect, _ in story.effects], states)


def _can_be_tried(story: Story) -> bool:
    return bool(story.invoice.problems) or _has((State.REFUSED, State.FAILED))(story)


def _can_be_said(kind: Kind) -> Callable[[Story], bool]:
    return lambda story: story.is_open and not story.has_said(kind)


def _was_said(kind: Kind) -> Callable[[Story], bool]:
    return lambda story: story.has_said(kind)


def _payment_says(story: Story) -> Saying:
    return Saying(PAYING, {"open": _euro(story.invoice.open_amount)})


_ALL = (
    Action(
        "freigeben", "Freigeben", Right.DECIDE,
        _said("Der nächste Durchlauf legt die Rechnung in der Buchhaltung an und versendet sie."),
        _waits_for_approval, _approve, needed=(),
    ),
    Action(
        "ablehnen", "Nicht freigeben", Right.DECIDE,
        _said("Die Rechnung entsteht nicht; der Auftrag bleibt vermerkt."),
        _waits_for_approval, _decline, is_grave=True,
    ),
    Action(
        "angekommen", "Ist angekommen", Right.DECIDE,
        _said("Die Sendung, deren Schicksal unbekannt ist, gilt als angekommen und geht nicht noch einmal hinaus."),
        _has((State.UNKNOWN,), TRANSMISSIONS), _decide("arrived"),
    ),
    Action(
        "erneut-senden", "Erneut senden", Right.DECIDE,
        _said("Beim nächsten Durchlauf gehen genau die archivierten Bytes noch einmal hinaus. War die erste Sendung"
              " doch angekommen, hat der Kunde sie zweimal."),
        _has((State.UNKNOWN, State.REFUSED, State.CANCELLED), TRANSMISSIONS), _decide("resend"), undo="aufgeben",
    ),
    Action(
        "noch-einmal", "Noch einmal versuchen", Right.DECIDE,
        _said("Was abgelehnt wurde, fehlschlug oder angehalten ist, wird beim nächsten Lauf noch einmal versucht."),
        _can_be_tried, _decide("retry"), undo="aufgeben",
    ),
    Action(
        "zahlung", "Zahlung eintragen", Right.BOOK, _payment_says, _is_open, _pay,
        fields=(AMOUNT, ON), needed=(AMOUNT, ON), undo="zahlung-zuruecknehmen",
    ),
    Action(
        "zahlung-zuruecknehmen", "Zahlung zurücknehmen", Right.BOOK, _taking_back_says,
        lambda story: story.by_hand is not None, _take_payment_back,
    ),
    Action(
        "zusage", "Zahlung zugesagt", Right.DECIDE,
        _said("Bis zu diesem Tag wird nicht gemahnt. Kommt das Geld nicht, geht es danach sofort weiter."),
        _can_be_said(Kind.PROMISE), _pull(Kind.PROMISE), (ON, AMOUNT, REASON), (ON,), undo="zusage-beenden",
    ),
    Action(
        "streit", "Kunde bestreitet", Right.DECIDE,
        _said("Ohne Betrag ruht die ganze Mahnung; mit Betrag wird nur der unstrittige Teil verlangt."),
        _can_be_said(Kind.DISPUTE), _pull(Kind.DISPUTE), (REASON, AMOUNT), undo="streit-beenden",
    ),
    Action(
        "stundung", "Stunden", Right.BOOK,
        _said("Die Rechnung wird erst nach diesem Tag fällig; bis dahin kein Verzug und keine Mahnung."),
        _can_be_said(Kind.EXTENSION), _pull(Kind.EXTENSION), (UNTIL, REASON), (UNTIL, REASON), undo="stundung-beenden",
    ),
    Action(
        "sperre", "Nicht mahnen", Right.DECIDE,
        _said("Diese Rechnung wird nicht gemahnt, bis zu dem Tag oder bis die Sperre aufgehoben wird."),
        _can_be_said(Kind.BLOCK), _pull(Kind.BLOCK), (REASON, UNTIL), undo="sperre-aufheben",
    ),
    Action(
        "zweitschrift", "Zweitschrift senden", Right.DECIDE,
        _said("Der nächste Durchlauf sendet dem Kunden dieselben Belege noch einmal, auf demselben Weg. Eine Mail nennt"
              " sich Zweitschrift und bittet, nur einmal zu zahlen; Fristen beginnen nicht von vorn."),
        _can_be_duplicated, _duplicate, undo="aufgeben",
    ),
    Action(
        "brief-zurueck", "Brief kam zurück", Right.DECIDE,
        _said("Der Brief gilt als nicht angekommen. Es entsteht eine Aufgabe, und gemahnt wird erst, wenn ein anderer"
              " Weg gefunden ist."),
        lambda story: story.is_open and story.has_effect(LETTERS, (State.DONE,)), _letter_returned,
    ),
    Action(
        "anhalten", "Anhalten", Right.DECIDE,
        _said("Zu dieser Rechnung verlässt nichts mehr das Haus, weder Mail noch Erinnerung, bis zu dem Tag oder bis"
              " sie weitergeht."),
        lambda story: not _is_held(story), _hold, (REASON, UNTIL), undo="weiter",
    ),
    Action(
        "weiter", "Weitergehen lassen", Right.DECIDE,
        _said("Was wartet, geht beim nächsten Durchlauf hinaus."),
        _is_held, _release, undo="anhalten",
    ),
    *(
        Action(
            name, title, Right.DECIDE, _said("Ab dem nächsten Durchlauf geht die Rechnung wieder ihren Weg."),
            _was_said(kind), _lift(kind), undo=undo,
        )
        for name, title, kind, undo in (
            ("zusage-beenden", "Zusage beenden", Kind.PROMISE, "zusage"),
            ("streit-beenden", "Streit beenden", Kind.DISPUTE, "streit"),
            ("stundung-beenden", "Stundung beenden", Kind.EXTENSION, "stundung"),
            ("sperre-aufheben", "Wieder mahnen", Kind.BLOCK, "sperre"),
            ("ausbuchung-beenden", "Ausbuchung zurücknehmen", Kind.WRITE_OFF, "ausbuchen"),
        )
    ),
    Action(
        "aufgeben", "Vorgang aufgeben", Right.DECIDE,
        _said("Was noch nicht geschehen ist, geschieht nicht mehr: der offene Vorgang wird zurückgezogen."),
        _has((State.UNKNOWN, State.REFUSED, State.FAILED, State.PLANNED)), _decide("give-up"), undo="erneut-senden",
        is_grave=True,
    ),
    Action(
        "ausbuchen", "Ausbuchen", Right.CANCEL,
        _said("Die Forderung gilt als uneinbringlich und wird nicht mehr gemahnt. In der Buchhaltung bitte selbst"
              " ausbuchen."),
        _can_be_said(Kind.WRITE_OFF), _pull(Kind.WRITE_OFF), undo="ausbuchung-beenden", is_grave=True,
    ),
    Action(
        "stornieren", "Stornieren", Right.CANCEL, _cancelling_says, _can_be_cancelled, _cancel, undo="aufgeben",
        is_grave=True, bar=lambda house, story: deciding.cannot_cancel(house, story.invoice.client),
    ),
)  # fmt: skip

ACTIONS = {action.name: action for action in _ALL}
