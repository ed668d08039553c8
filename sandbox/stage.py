"""Everything that stands on the stage, put together; `reset` puts it back to how it was at the start."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox import plan
from sandbox.agenda import Agenda
from sandbox.bucket import TokenBucket
from sandbox.clock import Clock
from sandbox.control import control_app
from sandbox.faults import Faults
from sandbox.fints import api as fints_api
from sandbox.fints.bank import Bank
from sandbox.inbox import Inbox
from sandbox.journal import Journal
from sandbox.letterxpress import api as letterxpress_api
from sandbox.letterxpress.house import House
from sandbox.lexoffice import front as lexoffice_front
from sandbox.lexoffice.api import lexoffice_app
from sandbox.lexoffice.callbacks import Callbacks, Signer
from sandbox.lexoffice.office import Office
from sandbox.lexoffice.trade import OfficeTrade
from sandbox.mailbox import Mail, Mailbox
from sandbox.plan import Plan
from sandbox.sevdesk import front as sevdesk_front
from sandbox.sevdesk.account import Account, SentMail
from sandbox.sevdesk.api import sevdesk_app
from sandbox.sevdesk.trade import AccountTrade
from sandbox.smtp import Post
from sandbox.system import System
from sandbox.trade import Trade
from sandbox.world import World

EMPTY = {"lexoffice": "leer", "sevdesk": "leer-sevdesk"}
"""The world of a system that the command line did not name."""
SEVDESK_PATHS = "/api/"


@dataclass(frozen=True)
class Options:
    """What the command line chose; `now` is the clock at the start (None: real time)."""

    folder: Path
    worlds: tuple[str, ...]
    rate: float
    burst: float
    now: datetime | None


class Stage:
    """One organisation in Lexware Office, one account in sevDesk, a mail sink, a printing house, one clock."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._plans = {name: plan.load(name) for name in options.worlds}
        self.api_key = str(uuid.uuid4())
        self.signer = Signer()
        self._first_sevdesk_key = secrets.token_hex(16)
        self.letter_login = letterxpress_api.Login("stage", secrets.token_hex(16))
        self.control = control_app(self)
        self._begin()

    def reset(self) -> None:
        """Forget everything and begin anew."""
        self.callbacks.close()
        self._begin()

    def _begin(self) -> None:
        options = self._options
        self.sevdesk_key = self._first_sevdesk_key
        self.clock = Clock(options.now)
        self.faults = Faults()
        self.journal = Journal(options.folder / "requests.jsonl")
        self._open_systems()
        self._open_bank()
        self._open_worlds()
        self._open_letters()
        self.mailbox = Mailbox(options.folder / "mails", self.clock, self._on_mail)
        self.post = Post(self.faults, self.mailbox)
        self.inbox = Inbox(self.clock)

    @property
    def world(self) -> World:
        """The world named first."""
        return self.worlds[0]

    def system_for(self, path: str) -> System:
        """The system a request path belongs to."""
        if path.startswith(fints_api.PATH):
            return self.fints
        if path.startswith(f"{letterxpress_api.PREFIX}/"):
            return self.letterxpress
        return self.sevdesk if path.startswith(SEVDESK_PATHS) else self.lexoffice

    def _open_systems(self) -> None:
        rate, burst = self._options.rate, self._options.burst
        office = self._plan_for("lexoffice")
        self.office = Office(self.clock, office.profile, office.payment_conditions)
        self.callbacks = Callbacks(self.office, self.signer)
        self.office.on_change = self.callbacks.changed
        self.lexoffice = System(
            "lexoffice",
            lexoffice_app(self.office),
            TokenBucket(rate, burst),
            lexoffice_front.key_check(self.api_key),
            lexoffice_front.refuse,
        )
        self.account = Account(self.clock, self._plan_for("sevdesk").profile, on_mail=self._on_message)
        self.sevdesk = System(
            "sevdesk",
            sevdesk_app(self.account),
            TokenBucket(rate, burst),
            sevdesk_front.token_check(lambda: self.sevdesk_key),
            sevdesk_front.refuse,
        )

    def _open_bank(self) -> None:
        self.bank = Bank()
        app = fints_api.fints_app(lambda: self.bank)
        self.fints = System("fints", app, TokenBucket(0, 1), lambda _given: True, fints_api.refuse)

    def _open_letters(self) -> None:
        self.letters = House(self._options.folder / "letters", self.clock, self.agenda, self._on_letter)
        app = letterxpress_api.letterxpress_app(self.letters, self.clock, self.letter_login)
        # The login stands in the body, where the gateway does not look.
        self.letterxpress = System(
            "letterxpress",
            app,
            TokenBucket(self._options.rate, self._options.burst),
            lambda _given: True,
            letterxpress_api.refuse,
        )

    def _open_worlds(self) -> None:
        self.agenda = Agenda(self.clock)
        trades: dict[str, Trade] = {"lexoffice": OfficeTrade(self.office), "sevdesk": AccountTrade(self.account)}
        self.worlds = [
            World(name, plan, trades[plan.system], self.agenda, self.clock) for name, plan in self._plans.items()
        ]
        self.agenda.run_until(self.clock.now())
        for trade in trades.values():
            trade.opened()

    def _plan_for(self, system: str) -> Plan:
        """The plan that is played in a system, or the empty one."""
        return next((p for p in self._plans.values() if p.system == system), None) or plan.load(EMPTY[system])

    def _on_message(self, mail: SentMail) -> None:
        """A mail that sevDesk would have sent by itself."""
        for world in self.worlds:
            world.hear((mail.to,), f"{mail.subject} {mail.text} {mail.filename}", f"<{mail.id}@sevdesk.example>")

    def _on_letter(self, address: str, text: str, name: str) -> None:
        for world in self.worlds:
            world.open_letter(address, text, name)

    def _on_mail(self, mail: Mail) -> None:
        for world in self.worlds:
            world.on_mail(mail)
