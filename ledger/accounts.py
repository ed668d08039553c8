"""Who may sign in at the desk, as what, and who is signed in; every change stands in the journal."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from ledger import recovery_codes
from ledger.account_tables import AccountRow, RoleRow, SessionRow, SignInRow
from ledger.journal import record

EVERYONE = "*"
"""The client of a role that holds for all clients of the installation."""

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
TOUCH = timedelta(minutes=5)
WINDOW = timedelta(minutes=15)
MOST_BY_PAIR, MOST_BY_ADDRESS, MOST_BY_NAME = 5, 25, 50


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that counts, with its account; `has_passed` is False until the second factor is given."""

    session_id: int
    account: AccountRow
    has_passed: bool
    seen_at: datetime


def add(session: Session, name: str, password_hash: str, roles: Mapping[str, str], by: str, now: datetime) -> None:
    """A new account. Raises `ValueError` with a German sentence when the name is taken."""
    if find(session, name):
        raise ValueError(f"Ein Konto {name} gibt es schon.")
    row = session.scalar(select(AccountRow).where(AccountRow.name == name))
    if row is None:
        row = AccountRow(name=name, created_at=now)
        session.add(row)
    row.password_hash, row.totp_secret, row.totp_used, row.removed_at = password_hash, "", 0, None
    row.language = "de"
    session.flush()
    _keep_roles(session, row.id, roles)
    record(session, now, "", "account added", name=name, by=by, roles=_told(roles))


def find(session: Session, name: str) -> AccountRow | None:
    """The account of that name, None when there is none or it was removed."""
    return session.scalar(select(AccountRow).where(AccountRow.name == name, AccountRow.removed_at.is_(None)))


def everyone(session: Session) -> list[tuple[AccountRow, dict[str, str]]]:
    """All accounts with their roles by client, by name."""
    rows = session.scalars(select(AccountRow).where(AccountRow.removed_at.is_(None)).order_by(AccountRow.name))
    return [(row, roles_of(session, row.id)) for row in rows]


def roles_of(session: Session, account_id: int) -> dict[str, str]:
    """A person's role for each client."""
    query = select(RoleRow.client, RoleRow.role).where(RoleRow.account_id == account_id).order_by(RoleRow.client)
    return {client: role for client, role in session.execute(query)}  # noqa: C416 mypy cannot see dict(rows)


def set_roles(session: Session, account: AccountRow, roles: Mapping[str, str], by: str, now: datetime) -> None:
    """These roles instead of all others; they hold from the next page on, also for whoever is signed in."""
    before = roles_of(session, account.id)
    _keep_roles(session, account.id, roles)
    record(session, now, "", "roles changed", name=account.name, by=by, roles=_told(roles), before=_told(before))


def set_password(session: Session, account: AccountRow, password_hash: str, by: str, now: datetime) -> None:
    """Another password; whoever was signed in has to sign in again."""
    _stored(session, account).password_hash = password_hash
    end_all(session, account.id, now)
    record(session, now, "", "password changed", name=account.name, by=by)


def set_second_factor(
    session: Session, account: AccountRow, secret: str, by: str, now: datetime, codes: Collection[str] = ()
) -> None:
    """Ask for a second factor from now on, or, with an empty secret, no more; `codes` are hashes of recovery codes."""
    row = _stored(session, account)
    row.totp_secret, row.totp_used = secret, 0
    recovery_codes.keep(session, row.id, codes)
    event = "second factor set" if secret else "second factor removed"
    record(session, now, "", event, name=account.name, by=by)


def seal_secrets(session: Session, is_sealed: Callable[[str], bool], seal: Callable[[str], str]) -> None:
    """Seal what older programs kept in the open; the codes of the apps stay the same."""
    for row in session.scalars(select(AccountRow).where(AccountRow.totp_secret != "")).all():
        if not is_sealed(row.totp_secret):
            row.totp_secret = seal(row.totp_secret)


def set_language(session: Session, account_id: int, language: str) -> None:
    """The language in which this person wants the pages."""
    session.get_one(AccountRow, account_id).language = language


def remove(session: Session, account: AccountRow, by: str, now: datetime) -> None:
    """Nobody signs in by this name any more; what was decided under it stays in the journal."""
    row = _stored(session, account)
    row.removed_at = now
    recovery_codes.keep(session, row.id, ())
    end_all(session, row.id, now)
    record(session, now, "", "account removed", name=row.name, by=by)


def use_code(session: Session, account_id: int, step: int) -> bool:
    """Whether the code of this time step may be used: each counts once, and none older than the last."""
    used = session.execute(
        update(AccountRow).where(AccountRow.id == account_id, AccountRow.totp_used < step).values(totp_used=step)
    )
    return bool(getattr(used, "rowcount", 0))


def is_braked(session: Session, name: str, address: str, now: datetime) -> bool:
    """Whether too many tries have failed of late: by this name from this address, from this address, by this name."""
    lately = SignInRow.at > now - WINDOW
    limits = (
        (MOST_BY_PAIR, (SignInRow.name == name, SignInRow.address == address)),
        (MOST_BY_ADDRESS, (SignInRow.address == address,)),
        (MOST_BY_NAME, (SignInRow.name == name,)),
    )
    return any(
        (session.scalar(select(func.count()).select_from(SignInRow).where(lately, *which)) or 0) >= most
        for most, which in limits
    )


def failed(session: Session, name: str, address: str, now: datetime) -> None:
    """Count a try that failed, forget those that no longer matter."""
    session.execute(delete(SignInRow).where(SignInRow.at <= now - WINDOW))
    session.add(SignInRow(name=name[:80], address=address[:80], at=now))
    record(session, now, "", "sign-in refused", name=name[:80], address=address)


def lift_brake(session: Session, by: str, now: datetime, *, name: str = "", address: str = "") -> int:
    """Forget the tries that failed by a name or from an address; how many there were within the window."""
    which = SignInRow.name == name if name else SignInRow.address == address
    counted = session.scalar(select(func.count()).select_from(SignInRow).where(which, SignInRow.at > now - WINDOW))
    session.execute(delete(SignInRow).where(which))
    record(session, now, "", "sign-in brake lifted", name=name, address=address, by=by, tries=counted or 0)
    return counted or 0


def begin(
    session: Session, account: AccountRow, token: str, address: str, agent: str, now: datetime, *, has_passed: bool
) -> None:
    """Open a session for the hash of a token."""
    session.add(
        SessionRow(
            account_id=account.id,
            token=token,
            address=address[:80],
            agent=agent[:200],
            created_at=now,
            passed_at=now if has_passed else None,
            seen_at=now,
            expires_at=now + LONGEST,
            ended_at=None,
        )
    )
    if has_passed:
        _welcome(session, account.name, address, now)


def pass_second_factor(session: Session, found: SignedIn, address: str, now: datetime) -> None:
    """The second factor was right: the session counts from now on."""
    session.get_one(SessionRow, found.session_id).passed_at = now
    _welcome(session, found.account.name, address, now)


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """The session of a token's hash; None when it has ended, run out, or its account was removed."""
    query = (
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(
            SessionRow.token == token,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - IDLE,
            or_(SessionRow.passed_at.is_not(None), SessionRow.created_at > now - WINDOW),
            AccountRow.removed_at.is_(None),
        )
    )
    found = session.execute(query).first()
    if found is None:
        return None
    return SignedIn(found[0].id, found[1], found[0].passed_at is not None, found[0].seen_at)


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Note that a session is in use."""
    session.get_one(SessionRow, session_id).seen_at = now


def end(session: Session, session_id: int, now: datetime) -> None:
    """Sign out."""
    row = session.get_one(SessionRow, session_id)
    row.ended_at = now
    name = session.get_one(AccountRow, row.account_id).name
    record(session, now, "", "signed out", name=name)


def end_all(session: Session, account_id: int, now: datetime) -> None:
    """Sign a person out everywhere."""
    query = update(SessionRow).where(SessionRow.account_id == account_id, SessionRow.ended_at.is_(None))
    session.execute(query.values(ended_at=now))


def sessions_of(session: Session, account_id: int, now: datetime) -> list[SessionRow]:
    """Where a person is signed in, latest first."""
    query = (
        select(SessionRow)
        .where(SessionRow.account_id == account_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .where(SessionRow.seen_at > now - IDLE)
        .order_by(SessionRow.id.desc())
    )
    return list(session.scalars(query))


def _welcome(session: Session, name: str, address: str, now: datetime) -> None:
    session.execute(delete(SignInRow).where(SignInRow.name == name, SignInRow.address == address[:80]))
    record(session, now, "", "signed in", name=name, address=address)


def _keep_roles(session: Session, account_id: int, roles: Mapping[str, str]) -> None:
    session.execute(delete(RoleRow).where(RoleRow.account_id == account_id))
    session.add_all(RoleRow(account_id=account_id, client=client, role=role) for client, role in roles.items())


def _told(roles: Mapping[str, str]) -> list[str]:
    return [f"{client}: {role}" for client, role in roles.items()]


def _stored(session: Session, account: AccountRow) -> AccountRow:
    return session.get_one(AccountRow, account.id)
