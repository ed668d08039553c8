"""Under which names the desk answers: against a foreign name that points to this machine (DNS rebinding)."""

from collections.abc import Sequence

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.web.access import API
from desk.web.problems import problem

UNKNOWN = (
    "Unter diesem Namen antwortet Rechnungsbote nicht. Gehört er zu dieser Installation, nennt ihn der Betreiber "
    "beim Start:  rechnungsbote desk --name NAME"
)


class KnownHosts:
    """Starlette judges the name; whoever comes by a foreign one reads our words instead of its English ones."""

    def __init__(self, app: ASGIApp, *, names: Sequence[str]) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse without looking at anything else."""
        is_known = False

        async def known(_scope: Scope, _receive: Receive, _send: Send) -> None:
            nonlocal is_known
            is_known = True

        async def unsaid(_message: Message) -> None:
            """Starlette's own refusal."""

        await TrustedHostMiddleware(known, self._names, www_redirect=False)(scope, receive, unsaid)
        if is_known:
            await self._app(scope, receive, send)
            return
        is_api = scope["path"].startswith(API)
        refusal = problem(400, UNKNOWN) if is_api else PlainTextResponse(f"{UNKNOWN}\n", 400)
        await refusal(scope, receive, send)
