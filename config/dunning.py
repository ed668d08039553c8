"""How reminders are written: for all customers of a client, for groups of them, and for single ones."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from billing.dunning_policy import (
    DEFAULT_GROUPS,
    FREE_LEVELS,
    MONDAY_TO_FRIDAY,
    NONE,
    Action,
    Grouping,
    Level,
    Policy,
    Tone,
)
from billing.invoices import Channel
from billing.parties import CustomerKind
from config.fields import Amount, CustomerGroup, DunningDays, Hour, Land, PayWithinDays, Required, Text, Weekday
from config.problems import KeyPath
from config.section import MayBeEmpty, Section


class LevelSection(Section):
    """One step of dunning."""

    days: DunningDays = Field(
        description="Tage nach dem letzten Zahlungstag (erste Stufe) oder nach der Stufe davor", examples=[5]
    )
    action: Action = Field(
        description="reminder: freundliche Erinnerung; notice: Mahnung; task: Aufgabe; hand-over: Abgabe (Inkasso)",
        examples=["reminder"],
    )
    tone: Tone | None = Field(None, description="friendly, firm oder last (letzte Mahnung)", examples=["firm"])
    fee: Amount = Field(NONE, description="Mahnkosten in Euro", examples=["0.00"])
    interest: bool = Field(False, description="true: Verzugszinsen verlangen, sobald Verzug besteht", examples=["true"])
    lump_sum: bool = Field(False, description="true: 40 EUR Pauschale, nie von Verbrauchern", examples=["true"])
    channel: Channel = Field(
        Channel.MAIL, description="mail, post (Brief) oder none: ein Mensch verschickt den Brief", examples=["post"]
    )
    registered: bool = Field(False, description="true: der Brief geht als Einwurf-Einschreiben", examples=["true"])
    minimum: Amount | None = Field(None, description="Eigener Mindestbetrag dieser Stufe", examples=["20.00"])
    template: Text | None = Field(None, description="Eigene Vorlage: Unterordner von levels/ im Vorlagenordner")
    owner: Text | None = Field(None, description="Wer die Aufgabe dieser Stufe bekommt", examples=["Büro"])


Levels = Annotated[tuple[LevelSection, ...], Field(max_length=5)]


class GroupSection(Section):
    """What is different for one kind of customers."""

    levels: Levels = Field(description="Stufen für diese Kunden, höchstens 5")


class SendingSection(Section):
    """When reminders leave, in Europe/Berlin; never on a holiday."""

    weekdays: tuple[Weekday, ...] = Field(MONDAY_TO_FRIDAY, description="Wochentage", examples=["[mo]"])
    from_hour: Hour = Field(7, description="Nicht vor dieser Stunde", examples=[8])
    until_hour: Hour = Field(20, description="Nicht ab dieser Stunde", examples=[18])


class DunningChanges(Section):
    """What is different for a group of customers, or for one; None means as for the others."""

    levels: Levels | None = Field(None, description="Eigene Stufen, höchstens 5; leere Liste: nie erinnern")
    consumer: GroupSection | None = Field(None, description="Eigene Stufen für Verbraucher darunter")
    business: GroupSection | None = Field(None, description="Eigene Stufen für Unternehmen darunter")
    public: GroupSection | None = Field(None, description="Eigene Stufen für Behörden darunter")
    sending: SendingSection | None = Field(None, description="Wann Erinnerungen hinausgehen")
    minimum: Amount | None = Field(None, description="Eigener Mindestbetrag", examples=["50.00"])
    pay_within_days: PayWithinDays | None = Field(None, description="Frist in der Erinnerung in Tagen", examples=[14])
    grouping: Grouping | None = Field(
        None, description="customer: ein Schreiben für alle Rechnungen; invoice: je Rechnung", examples=["invoice"]
    )


class CustomerDunning(DunningChanges):
    """How one customer is reminded."""

    group: CustomerGroup | None = Field(None, description="Kundengruppe aus dunning.groups", examples=["stammkunden"])


class Dunning(Section):
    """When customers are reminded; without levels the lawful default holds, an empty list means never."""

    levels: Levels | None = Field(None, description="Stufen der Reihe nach, höchstens 5")
    consumer: GroupSection | None = Field(None, description="Eigene Stufen für Verbraucher")
    business: GroupSection | None = Field(None, description="Eigene Stufen für Unternehmen")
    public: GroupSection | None = Field(None, description="Eigene Stufen für Behörden")
    sending: Annotated[SendingSection, MayBeEmpty] = Field(
        default_factory=SendingSection, description="Wann Erinnerungen hinausgehen"
    )
    minimum: Amount = Field(
        Decimal("5.00"), description="Unter diesem offenen Betrag wird nicht erinnert", examples=["5.00"]
    )
    land: Land | None = Field(None, description="Bundesland, dessen Feiertage gelten", examples=["BY"])
    pay_within_days: PayWithinDays = Field(7, description="Frist in der Erinnerung in Tagen", examples=[7])
    grouping: Grouping = Field(
        Grouping.CUSTOMER,
        description="customer: ein Schreiben für alle Rechnungen eines Kunden auf gleicher Stufe; invoice: je Rechnung",
        examples=["customer"],
    )
    due_date_agreed: bool = Field(
        False, description="true: das Zahlungsziel ist im Vertrag vereinbart (§ 286 Abs. 2 BGB)", examples=["false"]
    )
    task_owner: Required = Field("Büro", description="Wer Aufgaben bekommt", examples=["Büro"])
    groups: Annotated[dict[CustomerGroup, DunningChanges], MayBeEmpty] = Field(
        default_factory=dict, description="Kundengruppen, für die anderes gilt"
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy, the kinds of customers it can meet, and the parts of the file it comes from, the most special first."""

    policy: Policy
    kinds: tuple[CustomerKind, ...]
    parts: tuple[tuple[KeyPath, Dunning | DunningChanges], ...]

    def place_of_levels(self, kind: CustomerKind | None) -> KeyPath:
        """Where the file says which levels hold for a kind of customer (None: for all others)."""
        for path, part in self.parts:
            if kind and getattr(part, kind):
                return (*path, kind.value, "levels")
            if part.levels is not None:
                break
        else:
            path = self.parts[-1][0]
        return (*path, "levels")


def rules_of_all(dunning: Dunning) -> Rules:
    """What holds for every customer for whom nothing else is set."""
    sending = dunning.sending
    usual = Policy(
        levels=FREE_LEVELS if dunning.levels is None else _levels(dunning.levels),
        minimum=dunning.minimum,
        land=dunning.land or "",
        groups=(DEFAULT_GROUPS if dunning.levels is None else {}) | _by_kind(dunning),
        weekdays=tuple(sending.weekdays),
        hours=(sending.from_hour, sending.until_hour),
        pay_within_days=dunning.pay_within_days,
        grouping=dunning.grouping,
    )
    return Rules(usual, tuple(CustomerKind), ((("dunning",), dunning),))


def rules_of_group(dunning: Dunning, name: str) -> Rules:
    """What holds for a group; where it says nothing, what holds for all."""
    usual, changes = rules_of_all(dunning), dunning.groups.get(name, DunningChanges())
    policy = replace(_changed(usual.policy, changes), origin=f"Kundengruppe „{name}“")
    return Rules(policy, usual.kinds, ((("dunning", "groups", name), changes), *usual.parts))


def rules_of_customer(dunning: Dunning, own: CustomerDunning, number: str, kind: CustomerKind | None) -> Rules:
    """What holds for one customer: his own, then that of his group, then that of all. `kind` is None if not set."""
    below = rules_of_group(dunning, own.group) if own.group else rules_of_all(dunning)
    policy = _changed(below.policy, own)
    if policy != below.policy:
        policy = replace(policy, origin=", ".join(filter(None, (f"Kunde {number}", below.policy.origin))))
    parts: tuple[tuple[KeyPath, Dunning | DunningChanges], ...] = ((("customers", number, "dunning"), own),)
    return Rules(policy, (kind,) if kind else below.kinds, (*parts, *below.parts))


def _changed(policy: Policy, changes: DunningChanges) -> Policy:
    """The policy with what a part says; levels for all replace those of single kinds as well."""
    if changes.levels is not None:
        policy = replace(policy, levels=_levels(changes.levels), groups={})
    policy = replace(policy, groups=policy.groups | _by_kind(changes))
    sending = changes.sending
    if sending and "weekdays" in sending.model_fields_set:
        policy = replace(policy, weekdays=tuple(sending.weekdays))
    if sending:
        given, (first, last) = sending.model_fields_set, policy.hours
        first = sending.from_hour if "from_hour" in given else first
        policy = replace(policy, hours=(first, sending.until_hour if "until_hour" in given else last))
    return replace(
        policy,
        minimum=policy.minimum if changes.minimum is None else changes.minimum,
        pay_within_days=changes.pay_within_days or policy.pay_within_days,
        grouping=changes.grouping or policy.grouping,
    )


def _by_kind(part: Dunning | DunningChanges) -> dict[CustomerKind, tuple[Level, ...]]:
    return {kind: _levels(own.levels) for kind in CustomerKind if (own := getattr(part, kind))}


def _levels(sections: tuple[LevelSection, ...]) -> tuple[Level, ...]:
    letters = [place for place, section in enumerate(sections) if section.action is Action.NOTICE]
    return tuple(
        Level(
            days=section.days,
            action=section.action,
            tone=section.tone or (Tone.FIRM if place in letters else Tone.FRIENDLY),
            fee=section.fee,
            interest=section.interest,
            lump_sum=section.lump_sum,
            channel=section.channel,
            registered=section.registered,
            minimum=section.minimum,
            template=section.template or "",
            owner=section.owner or "",
        )
        for place, section in enumerate(sections)
    )
