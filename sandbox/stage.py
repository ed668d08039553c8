"""Everything that stands on the stage, put together; `reset` puts it back to how it was at the start."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox import plan
from sandbox.bucket import TokenBucket
from sandbox.clock import Clock
from sandbox.control import control_app
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.lexoffice.api import lexoffice_app
from sandbox.lexoffice.office import Office
from sandbox.mailbox import Mailbox
from sandbox.smtp import Post
from sandbox.world import World


@dataclass(frozen=True)
class Options:
    """What the command line chose; `now` is the clock at the start (None: real time)."""

    folder: Path
    world: str
    rate: float
    burst: float
    now: datetime | None


class Stage:
    """One organisation, one mail sink, one clock."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._plan = plan.load(options.world)
        self.api_key = str(uuid.uuid4())
        self.control = control_app(self)
        self.reset()

    def reset(self) -> None:
        """Forget everything and begin anew."""
        options = self._options
        self.clock = Clock(options.now)
        self.faults = Faults()
        self.bucket = TokenBucket(options.rate, options.burst)
        self.journal = Journal(options.folder / "requests.jsonl")
        self.office = Office(self.clock, self._plan.profile, self._plan.payment_conditions)
        self.world = World(self._plan, self.office, self.clock)
        self.mailbox = Mailbox(options.folder / "mails", self.clock, self.world.on_mail)
        self.post = Post(self.faults, self.mailbox)
        self.api = lexoffice_app(self.office)

    @property
    def world_name(self) -> str:
        """The name of the world played."""
        return self._options.world
