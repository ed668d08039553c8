"""Who asks, and what he may: every route, page and API alike, takes its person from `require(right)`.

A path that concerns one client carries its name as `{client}`: whoever has nothing to do with that client gets the same
"not found" as for one that does not exist. Paths without it give only what belongs to the person's own clients.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Not by way of fastapi, which takes half a second to load: the command line knows roles, and needs no web page.
from starlette.exceptions import HTTPException
from starlette.requests import Request

from flows.clock import Clock
from flows.wiring import House
from ledger import accounts
from ledger.accounts import EVERYONE
from ledger.stands import Stands
from ledger.todo import Waiting

SESSION = "rechnungsbote"
FORM = "rechnungsbote-form"
"""The cookie of somebody who is not signed in yet: its secret protects the form of signing in."""

FIELD, HEADER = "csrf", "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
SIGN_IN = "/anmelden"
NO_RIGHT = "Dafür reicht Ihre Rolle nicht."
NO_CLIENT = (
    "Für Sie ist hier noch kein Mandant in Ordnung: seine Datei fehlt oder hat einen Fehler. "
    "Was zu tun ist, sagt dem Betreiber der Befehl  rechnungsbote check"
)


class Right(StrEnum):
    """What one may do."""

    SEE = "see"
    DECIDE = "decide"
    BOOK = "book"
    CANCEL = "cancel"
    MANAGE = "manage"
    ACCOUNT = "account"
    """Change the own password, sign out: everybody's, also while no client is in order."""


class Role(StrEnum):
    """What somebody is for a client."""

    OWNER = "owner"
    OFFICE = "office"
    OPERATOR = "operator"
    READER = "reader"


RIGHTS = {
    Role.OWNER: frozenset(Right),
    Role.OFFICE: frozenset({Right.ACCOUNT, Right.SEE, Right.DECIDE, Right.BOOK}),
    Role.OPERATOR: frozenset({Right.ACCOUNT, Right.SEE, Right.DECIDE, Right.MANAGE}),
    Role.READER: frozenset({Right.ACCOUNT, Right.SEE}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, or a program with a token: `roles` by client, without the clients he has none for."""

    name: str
    roles: Mapping[str, Role]
    language: str = "de"
    session_id: int = 0
    account_id: int = 0
    csrf: str = ""

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients this person may see, by name."""
        return self.clients_with(Right.SEE)

    @property
    def role(self) -> Role:
        """The strongest role this person has anywhere."""
        return next((role for role in Role if role in self.roles.values()), Role.READER)

    def may(self, right: Right, client: str | None = None) -> bool:
        """Whether the person has a right for a client, or without one for any client at all."""
        roles = self.roles.values() if client is None else [self.roles[client]] if client in self.roles else []
        return any(right in RIGHTS[role] for role in roles)

    def clients_with(self, right: Right) -> tuple[str, ...]:
        """The clients for which the person has a right."""
        return tuple(sorted(client for client in self.roles if self.may(right, client)))


class NotSignedIn(Exception):
    """Nobody asks: a page leads to signing in, the API answers 401."""


class NotFound(Exception):
    """There is nothing here, or nothing that concerns this person."""


class Forbidden(Exception):
    """The person may see this, but not do that; the message is German, `allowed` are the roles that could."""

    def __init__(self, text: str, allowed: Collection[Role] = ()) -> None:
        super().__init__(text)
        self.allowed = tuple(allowed)


Finder = Callable[[Request], Person | None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every route works with; `finders` say who asks, the first that knows wins."""

    house: House
    clock: Clock
    is_secure: bool = False
    finders: tuple[Finder, ...] = ()
    stands: Stands = field(default_factory=Stands)
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def client_names(self) -> tuple[str, ...]:
        """All clients of the installation that are in order."""
        return tuple(loaded.config.name for loaded in self.house.clients)


def desk_of(request: Request) -> Desk:
    """The desk that this request has come to."""
    desk: Desk = request.app.state.desk
    return desk


class Require:
    """The dependency that `require` makes; a test walks all routes and asks each for its `right`."""

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(self, request: Request) -> Person:
        """The person who asks. Raises `NotSignedIn`, `NotFound` and `Forbidden`."""
        desk = desk_of(request)
        person = next((found for finder in desk.finders if (found := finder(request))), None)
        if person is None:
            raise NotSignedIn
        client = request.path_params.get("client")
        if client is not None and not person.may(Right.SEE, client):
            raise NotFound
        if self.right is not Right.ACCOUNT and not person.may(self.right, client):
            raise Forbidden(NO_RIGHT, roles_with(self.right)) if person.roles else Forbidden(NO_CLIENT)
        return person


def roles_with(right: Right) -> tuple[Role, ...]:
    """The roles that have a right, the strongest first."""
    return tuple(role for role in Role if right in RIGHTS[role])


def require(right: Right) -> Require:
    """The person who asks, who must have this right: for the client in the path, without one for any client."""
    return Require(right)


def by_session(request: Request) -> Person | None:
    """The person of the browser's session, None without one or while the second factor is missing.

    What a person does keeps the session awake; a page that is left open does not.
    """
    secret = request.cookies.get(SESSION, "")
    if not secret:
        return None
    desk, now = desk_of(request), desk_of(request).clock.now()
    with desk.house.ledger.reading() as session:
        found = accounts.signed_in(session, hashed(secret), now)
        roles = accounts.roles_of(session, found.account.id) if found else {}
    if found is None or not found.has_passed:
        return None
    if found.seen_at < now - accounts.TOUCH and not _comes_by_itself(request):
        with desk.house.ledger.writing() as session:
            accounts.touch(session, found.session_id, now)
    account = found.account
    known = expanded(roles, desk.client_names)
    return Person(account.name, known, account.language, found.session_id, account.id, csrf_of(secret))


def _comes_by_itself(request: Request) -> bool:
    """Whether an open page renews itself: with script its table, without script the whole page.

    Browsers mark what a person has called up with `Sec-Fetch-User` (W3C Fetch Metadata); those too old for it send
    neither of the two headers, and there a page without script counts as called up.
    """
    is_called_up = "Sec-Fetch-User" in request.headers or request.headers.get("Sec-Fetch-Mode") != "navigate"
    return "HX-Request" in request.headers or not is_called_up


def expanded(roles: Mapping[str, str], clients: tuple[str, ...]) -> dict[str, Role]:
    """Roles by client: a client's own role goes before the one for all clients."""
    everywhere = roles.get(EVERYONE)
    found = {client: roles.get(client, everywhere) for client in clients}
    return {client: Role(role) for client, role in found.items() if role}


def secret_of(request: Request) -> str:
    """What only this browser holds: its session, and for the form of signing in a cookie of its own."""
    return request.cookies.get(FORM if request.url.path == SIGN_IN else SESSION, "")


async def legible(request: Request) -> None:
    """Refuse letters that no database keeps, wherever they stand in the address or in a form."""
    texts = [*request.path_params.values(), *request.query_params.keys(), *request.query_params.values()]
    if request.method not in SAFE:
        texts += (await request.form()).values()
    if any("\x00" in str(text) for text in texts):
        raise HTTPException(400, "In der Adresse oder im Formular steht ein Zeichen, das es nicht geben kann.")


async def protected(request: Request) -> None:
    """Refuse a form that was not made by this desk for this browser; a program with a token sends no cookie."""
    if request.method in SAFE:
        return
    secret = secret_of(request)
    if not secret and request.url.path.startswith(API):
        return
    given = request.headers.get(HEADER) or str((await request.form()).get(FIELD, ""))
    if not secret or not hmac.compare_digest(csrf_of(secret).encode(), given.encode()):
        raise Forbidden(
            "Dieses Formular ist abgelaufen oder stammt nicht von hier. Bitte zurückgehen und die Seite neu laden."
        )


def hashed(secret: str) -> str:
    """What the ledger keeps of a token: who reads the ledger cannot sign in with it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(secret: str) -> str:
    """The word that forms carry; whoever does not hold the cookie cannot know it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()
