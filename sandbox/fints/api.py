"""The bank's address: messages come and go as base64 in the body of a POST (FinTS 3.0 Sicherheitsverfahren, A.3)."""

import base64
import binascii
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answer import Answer, message
from sandbox.fints.bank import Bank

PATH = "/fints"


def fints_app(bank: Callable[[], Bank]) -> Starlette:
    """The bank as an application."""

    async def talk(request: Request) -> Response:
        try:
            heard = base64.b64decode(await request.body(), validate=True)
            said = bank().answer(heard)
        except (binascii.Error, ValueError, LookupError, StopIteration):
            return Response("Keine FinTS-Nachricht", 400)
        return Response(base64.b64encode(said), media_type="text/plain")

    return Starlette(routes=[Route(PATH, talk, methods=["POST"])])


def refuse(status: int, text: str | None = None, retry_after: str | None = None) -> Answer:
    """What stands before the bank says no in plain HTTP."""
    return message(status, text or "Der Dienst ist gestört.")
