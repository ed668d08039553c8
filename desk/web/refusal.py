"""The page that says what did not go: who could do it, and the way back to where the person came from."""

from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from desk.web.access import SAFE, Person, Role
from desk.web.pages import asked_for, page
from desk.web.signin import local


def refusal(
    request: Request, person: Person | None, text: str, status: int, allowed: Collection[Role] = ()
) -> Response:
    """What did not go, in German; `allowed` are the roles that could do it."""
    values = {"text": text, "code": status, "allowed": allowed, "back": _back(request)}
    return page(request, person, "fault.html.j2", values, status=status)


def _back(request: Request) -> str:
    """The page of this desk from which the request came, else the board."""
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    to = local(came_from.path + (f"?{came_from.query}" if came_from.query else ""))
    # A page that is refused itself would only be refused once more; a form may be filled in again.
    is_here = request.method in SAFE and to == asked_for(request)
    return "/" if came_from.netloc != request.url.netloc or is_here else to
