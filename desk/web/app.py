"""The desk as one web application: routes of all modules, security of every answer, and what faults look like."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from desk.web import (
    analysis,
    api_act,
    api_contracts,
    api_payments,
    api_push,
    api_read,
    api_times,
    board,
    contract_acts,
    contracts,
    customers,
    inbox,
    invoice,
    own_account,
    signin,
    times,
    tonight,
)
from desk.web.access import (
    API,
    Desk,
    Finder,
    Forbidden,
    NotFound,
    NotSignedIn,
    Person,
    by_session,
    desk_of,
    legible,
    protected,
)
from desk.web.headers import SecurityHeaders
from desk.web.hosts import KnownHosts
from desk.web.pages import STATIC
from desk.web.problems import invalid, problem
from desk.web.refusal import refusal
from desk.web.tokens import by_token
from documents.templates import FONTS
from flows.clock import Clock
from flows.renewing import Renewing
from flows.wiring import House
from ledger.archive import ArchiveFault
from ledger.overrides import NothingToDecide
from ledger.stands import Stands

ROUTERS = (
    signin.router,
    own_account.router,
    board.router,
    invoice.router,
    inbox.router,
    tonight.router,
    customers.router,
    contracts.router,
    contract_acts.router,
    times.router,
    analysis.router,
)
INTERFACE = (
    api_read.routes,
    api_act.routes,
    api_payments.routes,
    api_push.routes,
    api_times.routes,
    api_contracts.routes,
)
FINDERS: tuple[Finder, ...] = (by_session, by_token)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
NOT_FOUND = "Das gibt es hier nicht."
HTTP_FAULTS = {404: NOT_FOUND, 405: "So geht es hier nicht. Bitte von der Seite aus, auf der es steht."}
BROKEN = "Etwas ist schiefgegangen. Was es war, steht im Protokoll; oft hilft es, das noch einmal zu versuchen."

Handler = Callable[[Request, Exception], Awaitable[Response] | Response]


def create_app(
    house: House, clock: Clock | None = None, *, names: tuple[str, ...] = (), is_secure: bool = False
) -> FastAPI:
    """The application for an opened house. It answers only to loopback and to `names`.

    With `is_secure` the browser reaches it by https, and cookies never travel without.
    """
    app = FastAPI(
        title="Rechnungsbote",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(up_to_date), Depends(legible), Depends(protected)],
    )
    app.state.desk = Desk(house, clock or Clock(), is_secure, FINDERS)
    app.state.renewing = Renewing(house)
    app.state.interface = INTERFACE
    for router in (*ROUTERS, *INTERFACE):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount("/fonts", StaticFiles(directory=FONTS), name="fonts")
    # The one added last comes first: a refusal has the headers too.
    app.add_middleware(KnownHosts, names=[*LOOPBACK, *names])
    app.add_middleware(SecurityHeaders, is_secure=is_secure)
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return app


async def up_to_date(request: Request) -> None:
    """Go by the clients' files as they are now; what was reckoned from others is forgotten."""
    state = request.app.state
    if state.renewing.renew():
        state.desk = replace(state.desk, house=state.renewing.house, stands=Stands())


def _not_signed_in(request: Request, _error: Exception) -> Response:
    if _is_api(request):
        return problem(401, "Bitte anmelden oder ein gültiges Token senden.", headers={"WWW-Authenticate": "Bearer"})
    to = signin.way_back(request)
    if "HX-Request" in request.headers:
        # A redirect would be followed out of htmx's sight, which would put signing in where the table stands.
        return Response(status_code=401, headers={"HX-Redirect": to})
    return RedirectResponse(to, 303)


def _fault(status: int) -> Handler:
    def answer(request: Request, error: Exception) -> Response:
        text = str(error) or NOT_FOUND
        if _is_api(request):
            return problem(status, text)
        return refusal(request, _person(request), text, status, getattr(error, "allowed", ()))

    return answer


def _http_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_api(request):
        return problem(error.status_code, str(error.detail), headers=error.headers)
    text = HTTP_FAULTS.get(error.status_code, str(error.detail))
    return refusal(request, _person(request), text, error.status_code)


def _invalid(request: Request, error: Exception) -> Response:
    if _is_api(request):
        return invalid(request, error)
    return refusal(request, _person(request), "Die Adresse oder das Formular ist unvollständig.", 422)


def _broken(request: Request, _error: Exception) -> Response:
    if _is_api(request):
        return problem(500, BROKEN)
    # Who it is stands in the ledger, which may be what is broken.
    return refusal(request, None, BROKEN, 500)


HANDLERS: dict[type[Exception], Handler] = {
    RequestValidationError: _invalid,
    NotSignedIn: _not_signed_in,
    NotFound: _fault(404),
    Forbidden: _fault(403),
    ArchiveFault: _fault(500),
    NothingToDecide: _fault(409),
    HTTPException: _http_fault,
    Exception: _broken,
}


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(API)


def _person(request: Request) -> Person | None:
    desk = desk_of(request)
    return next((found for finder in desk.finders if (found := finder(request))), None)
