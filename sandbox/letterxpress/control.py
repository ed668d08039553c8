"""The control interface's part for letters: what was ordered and posted, and what people there do by hand."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import wishes

if TYPE_CHECKING:
    from sandbox.stage import Stage

Handler = Callable[[Request], Awaitable[Response]]


def letter_paths(stage: "Stage") -> dict[tuple[str, str], Handler]:
    """The handlers by method and path."""

    async def letters(_request: Request) -> Response:
        house = stage.letters
        return JSONResponse([order.report(house.file_name(order)) for order in house.orders.values()])

    async def set_status(request: Request) -> Response:
        wish = wishes.LetterStatus.model_validate(await request.json())
        order = stage.letters.set_status(int(request.path_params["id"]), wish.status)
        return JSONResponse(order.report(stage.letters.file_name(order)))

    async def set_balance(request: Request) -> Response:
        stage.letters.balance = wishes.Balance.model_validate(await request.json()).balance
        return JSONResponse({"balance": str(stage.letters.balance)})

    async def misread(request: Request) -> Response:
        stage.letters.misread = wishes.Misread.model_validate(await request.json()).address
        return JSONResponse({"address": stage.letters.misread})

    return {
        ("POST", "/_control/letters/misread"): misread,
        ("GET", "/_control/letters"): letters,
        ("POST", "/_control/letters/balance"): set_balance,
        ("POST", "/_control/letters/{id:int}"): set_status,
    }
