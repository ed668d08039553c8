"""What must hold for every accounting system with a whole business behind it, at its stand-in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from billing.comparing import differences
from billing.drafting import draft
from billing.invoices import Channel
from billing.jobs import Discount, EarlyPayment, PriceMode, TaxCase, Terms
from billing.vat import totals
from connectors.errors import ConnectorError, NotFound, OutcomeUnknown, RateLimited
from connectors.protocols import Announcer, Canceller, Capability, ContactDirectory, DraftIssuer
from tests.connectors.conformance.noting import error_of
from tests.connectors.conformance.worlds import World
from tests.connectors.drafts import MARKER, TODAY
from tests.sandbox.running import Stage, eventually

StageCheck = Callable[[World, Stage], None]
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DONE_BUT_UNCLEAR = ("gateway-timeout-after-effect", "reset-after-effect", "html", "cut", "nan", "huge", "500", "503")
NOT_DONE = ("gateway-timeout-before-effect", "reset-before", "500", "503")
OTHER_MARKER = "RB-ZZZZ-ZZZZ-ZZZZ"


def what_is_written_is_read_back(world: World, stage: Stage) -> None:
    """Eine angelegte Rechnung kommt auf den Cent gleich zurück, fertiggestellt, mit Nummer und Fälligkeit."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        booked = system.read(_create(system, drafted))
        assert differences(drafted, booked) == []
        assert booked.number, "keine Nummer"
        assert booked.due_date == TODAY.replace(day=TODAY.day + 14)


def a_finished_job_becomes_its_invoice(world: World, stage: Stage) -> None:
    """Vom erledigten Auftrag über Kunde und Positionen zur gleichen Rechnung; danach gilt er als berechnet."""
    job_id = world.finish_job(stage)
    with _connected(world, stage) as system:
        (signal,) = system.signals(TODAY)
        job = system.job(signal.external_id)
        assert (job.external_id, job.version) == (job_id, signal.version)
        assert job.invoiced_as == ()
        drafted = draft(job, Terms(14), Channel.MAIL, TODAY, MARKER)
        booked = system.read(_create(system, drafted))
        assert differences(drafted, booked) == []
        assert system.job(job_id).invoiced_as == (booked.number,)


def an_event_leads_to_the_same_job(world: World, stage: Stage) -> None:
    """Worauf ein Ereignis zeigt, ist über die Kennung derselbe Auftrag wie über die Liste; Fehlendes ist keiner."""
    job_id = world.finish_job(stage)
    with _connected(world, stage) as system:
        is_announcer = Capability.EVENTS in system.capabilities
        assert isinstance(system, Announcer) == is_announcer
        if is_announcer:
            assert system.done(job_id) == system.job(job_id)
            assert system.done(world.missing_id) is None


def every_tax_case_is_written(world: World, stage: Stage) -> None:
    """Jeder Grund, keine Umsatzsteuer zu berechnen, lässt sich ausdrücken und kommt ohne Steuer zurück."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        lines = tuple(replace(line, vat_rate=Decimal(0)) for line in drafted.lines)
        for number, case in enumerate(case for case in TaxCase if case is not TaxCase.STANDARD):
            sums = totals(lines, PriceMode.NET, Discount())
            wanted = replace(drafted, marker=f"RB-4444-4444-444{number}", lines=lines, tax_case=case, totals=sums)
            assert differences(wanted, system.read(_create(system, wanted))) == [], case


def gross_prices_discounts_and_terms_survive(world: World, stage: Stage) -> None:
    """Bruttopreise zu zwei Sätzen, Rabatte auf Zeile und Ganzes, Skonto, Zeitraum und Texte überstehen die Reise."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        lines = (
            replace(
                drafted.lines[0],
                name="Anstrich <innen>",
                quantity=Decimal(10),
                unit_price=Decimal("59.50"),
                discount_percent=Decimal(20),
                description="2 x & mehr",
            ),
            replace(drafted.lines[1], quantity=Decimal(10), unit_price=Decimal("10.70"), vat_rate=Decimal(7)),
        )
        discount = Discount(percent=Decimal(10))
        wanted = replace(
            drafted,
            lines=lines,
            price_mode=PriceMode.GROSS,
            discount=discount,
            totals=totals(lines, PriceMode.GROSS, discount),
            terms=Terms(30, EarlyPayment(Decimal(2), 10)),
            performed_from=drafted.performed_from - timedelta(days=27),
            introduction="Wie vereinbart berechnen wir:",
            remark="Danke!",
        )
        assert differences(wanted, system.read(_create(system, wanted))) == []


def an_unclear_creation_is_found_once(world: World, stage: Stage) -> None:
    """Was immer verdeckt, dass eine Rechnung entstand: Die Suche findet genau diese eine, auch fertiggestellt."""
    for number, kind in enumerate(DONE_BUT_UNCLEAR):
        with _connected(world, stage) as system:
            drafted = replace(world.draft(stage), marker=f"RB-2222-2222-222{number}")
            _order_fault(stage, world.create_path, kind, effect=True)
            _must_be(OutcomeUnknown, partial(_create, system, drafted), kind)
            (found,) = system.find(drafted, TODAY)
            if isinstance(system, DraftIssuer):
                system.issue(found)
            assert differences(drafted, system.read(found)) == [], kind


def an_unclear_creation_that_was_none_is_not_found(world: World, stage: Stage) -> None:
    """Eine Rechnung, die nicht entstand, sieht zuerst genauso aus; die Suche findet nichts."""
    for number, kind in enumerate(NOT_DONE):
        with _connected(world, stage) as system:
            drafted = replace(world.draft(stage), marker=f"RB-2222-2222-222{number}")
            _order_fault(stage, world.create_path, kind)
            _must_be(OutcomeUnknown, partial(_create, system, drafted), kind)
            assert system.find(drafted, TODAY) == [], kind


def doubled_and_late_effects_are_seen(world: World, stage: Stage) -> None:
    """Entstehen aus einer Anfrage zwei Rechnungen, werden beide gefunden; eine verspätete wird später gefunden."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        _order_fault(stage, world.create_path, "double-effect")
        _create(system, drafted)
        assert len(system.find(drafted, TODAY)) == 2
        late = replace(drafted, marker=OTHER_MARKER)
        _order_fault(stage, world.create_path, "late-effect", delay=0.3)
        _must_be(OutcomeUnknown, partial(_create, system, late), "late-effect")
        assert system.find(late, TODAY) == []
        assert eventually(lambda: len(system.find(late, TODAY)) == 1)


def a_doubled_invoice_is_swept(world: World, stage: Stage) -> None:
    """Steht ein Zeichen auf zwei Rechnungen, nennt die Durchsicht beide; ist eine storniert, ist es in Ordnung."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        other = replace(drafted, marker=OTHER_MARKER)
        _create(system, other)
        assert system.doubled([drafted, other], TODAY) == {}
        _order_fault(stage, world.create_path, "double-effect")
        _create(system, drafted)
        found = system.doubled([drafted, other], TODAY)
        assert found.keys() == {drafted.marker}
        assert sorted(found[drafted.marker]) == sorted(system.find(drafted, TODAY))
        for external_id in found[drafted.marker]:
            if isinstance(system, DraftIssuer):
                system.issue(external_id)
        world.void(stage, found[drafted.marker][0])
        assert system.doubled([drafted, other], TODAY) == {}


def only_our_marker_is_found(world: World, stage: Stage) -> None:
    """Rechnungen desselben Kunden über denselben Betrag mit anderem Zeichen sind nicht unsere."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        mine = _create(system, drafted)
        _create(system, replace(drafted, marker=OTHER_MARKER))
        assert system.find(drafted, TODAY) == [mine]


def a_second_step_can_be_repeated(world: World, stage: Stage) -> None:
    """Was zwischen Entwurf und Fertigstellen auch geschieht: Es bleibt bei einer Rechnung mit einer Nummer."""
    for number, kind in enumerate((*DONE_BUT_UNCLEAR, *NOT_DONE, "422", "403", "409")):
        with _connected(world, stage) as system:
            if Capability.ISSUES_LATER not in system.capabilities:
                return
            drafted = replace(world.draft(stage), marker=f"RB-3333-3333-33{number:02}")
            _order_fault(stage, world.issue_path, kind, method="PUT", effect=kind in DONE_BUT_UNCLEAR)
            external_id = _create(system, drafted)
            system.issue(external_id)
            issued = system.read(external_id)
            system.issue(external_id)
            assert differences(drafted, issued) == [], kind
            assert system.read(external_id).number == issued.number
            assert system.find(drafted, TODAY) == [external_id]


def payments_show_what_is_open(world: World, stage: Stage) -> None:
    """Teilweise bezahlt, bezahlt und storniert sehen in der Liste und einzeln gleich aus."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        partly, paid, voided = (_create(system, drafted) for _ in range(3))
        world.pay(stage, partly, "100")
        world.pay(stage, paid, None)
        world.void(stage, voided)
        facts = {payment.external_id: payment.fact for payment in system.changes(TODAY, NOW)}
        assert facts[partly].open_amount == Decimal("149.89")
        assert facts[paid].open_amount == 0
        assert facts[voided].is_voided
        assert system.read(voided).is_voided
        for external_id in (partly, paid, voided):
            state, listed = system.state(external_id, NOW), facts[external_id]
            assert (state.open_amount, state.is_voided, state.read_at) == (listed.open_amount, listed.is_voided, NOW)


def a_cancellation_is_made_once_and_found(world: World, stage: Stage) -> None:
    """Storniert wird mit eigenem Beleg über denselben Betrag; was auch dazwischenkommt, er ist danach zu finden."""
    for kind in ("", *DONE_BUT_UNCLEAR):
        with _connected(world, stage) as system:
            assert isinstance(system, Canceller) == (Capability.CANCELS in system.capabilities)
            if Capability.CANCELS not in system.capabilities:
                return
            drafted = world.draft(stage)
            external_id = _create(system, drafted)
            assert system.cancellation(external_id) is None, kind
            if kind:
                _order_fault(stage, world.cancel_path, kind, effect=True)
                _must_be(OutcomeUnknown, partial(system.cancel, external_id, lambda phase: None), kind)
            else:
                assert system.cancel(external_id, lambda phase: None) == system.cancellation(external_id)
            made = system.cancellation(external_id)
            assert made is not None, kind
            assert (made.gross, made.issue_date) == (-drafted.totals.gross, TODAY), kind
            assert made.number != system.read(external_id).number
            assert system.state(external_id, NOW).is_voided


def a_creation_held_back_by_429_is_done_once(world: World, stage: Stage) -> None:
    """Was nur an der Bremse scheiterte, wird einmal getan; eine lange Sperre wird mit ihrer Frist gemeldet."""
    with _connected(world, stage) as system:
        drafted = world.draft(stage)
        _order_fault(stage, world.create_path, "429", times=2)
        _create(system, drafted)
        assert len(system.find(drafted, TODAY)) == 1
        stopped = replace(drafted, marker=OTHER_MARKER)
        stage.control("faults", {"kind": "429", "method": "POST", "times": None, "retry_after": "1800"})
        error = _must_be(RateLimited, partial(_create, system, stopped), "429")
        assert getattr(error, "retry_after", None) == 1800
        stage.http.delete("/_control/faults")
        assert system.find(stopped, TODAY) == []


def the_own_pdf_is_one(world: World, stage: Stage) -> None:
    """Das PDF der Buchhaltung ist wirklich eines."""
    with _connected(world, stage) as system:
        if Capability.OWN_PDF in system.capabilities:
            assert system.pdf(_create(system, world.draft(stage))).startswith(b"%PDF")


def what_is_missing_is_not_found(world: World, stage: Stage) -> None:
    """Was es nicht gibt, wird bei jeder Frage als nicht gefunden gemeldet."""
    with _connected(world, stage) as system:
        for ask in (system.job, system.read, partial(system.state, now=NOW), system.pdf):
            _must_be(NotFound, partial(ask, world.missing_id), "fehlender Beleg")


def the_directory_knows_the_customer_of_now(world: World, stage: Stage) -> None:
    """Das Verzeichnis nennt den Kunden, wie er jetzt dasteht; einen fremden kennt es nicht."""
    with _connected(world, stage) as system:
        if Capability.KNOWS_CONTACTS in system.capabilities:
            wanted = world.draft(stage).customer
            found = system.contact(wanted.external_id)
            assert isinstance(system, ContactDirectory)
            assert (found.external_id, found.name, found.address) == (wanted.external_id, wanted.name, wanted.address)
            _must_be(NotFound, partial(system.contact, world.missing_id), "fehlender Kunde")


def an_idle_look_is_cheap(world: World, stage: Stage) -> None:
    """Ein Blick, bei dem es nichts Neues gibt, kostet nicht mehr Anfragen als angegeben, höchstens zwei."""
    with _connected(world, stage) as system:
        before = system.requests
        assert [*system.signals(TODAY), *system.changes(TODAY, NOW)] == []
        assert (system.requests - before).total() <= system.costs.idle <= 2


def a_job_costs_what_is_stated(world: World, stage: Stage) -> None:
    """Auftrag lesen, Rechnung anlegen und zurücklesen kosten nicht mehr Anfragen als angegeben."""
    first, second = world.finish_job(stage), world.finish_job(stage)
    with _connected(world, stage) as system:
        system.job(first)
        before = system.requests
        job = system.job(second)
        assert (system.requests - before).total() <= system.costs.job
        drafted = draft(job, Terms(14), Channel.MAIL, TODAY, MARKER)
        _create(system, replace(drafted, marker=OTHER_MARKER))
        before = system.requests
        system.read(_create(system, drafted))
        assert (system.requests - before).total() <= system.costs.invoice
        assert system.seconds_for(0) == 0


STAGE_CHECKS: tuple[StageCheck, ...] = (
    what_is_written_is_read_back,
    a_finished_job_becomes_its_invoice,
    an_event_leads_to_the_same_job,
    every_tax_case_is_written,
    gross_prices_discounts_and_terms_survive,
    an_unclear_creation_is_found_once,
    an_unclear_creation_that_was_none_is_not_found,
    doubled_and_late_effects_are_seen,
    a_doubled_invoice_is_swept,
    only_our_marker_is_found,
    a_second_step_can_be_repeated,
    payments_show_what_is_open,
    a_cancellation_is_made_once_and_found,
    a_creation_held_back_by_429_is_done_once,
    the_own_pdf_is_one,
    what_is_missing_is_not_found,
    the_directory_knows_the_customer_of_now,
    an_idle_look_is_cheap,
    a_job_costs_what_is_stated,
)


@contextmanager
def _connected(world: World, stage: Stage) -> Iterator[Any]:
    system = world.connect(stage)
    try:
        yield system
    finally:
        system.close()


def _create(system: Any, drafted: Any) -> str:
    external_id: str = system.create(drafted, lambda phase: None)
    return external_id


def _order_fault(stage: Stage, path: str, kind: str, *, method: str = "POST", **more: Any) -> None:
    stage.control("faults", {"kind": kind, "method": method, "path_regex": path, **more})


def _must_be(kind: type[ConnectorError], act: Callable[[], object], what: str) -> ConnectorError:
    error = error_of(act, what)
    assert isinstance(error, kind), f"{what}: {error!r} statt {kind.__name__}"
    return error
