"""The SES v2 routes: find the operation, validate the request, inject the planned fault, respond, write the ledger."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local.ses.account import Account
from local.ses.account_api import AccountAPI
from local.ses.errors import InternalServiceError, ServiceUnavailable, SESError, Throttled
from local.ses.faults import CallFault, Faults
from local.ses.ledger import Ledger
from local.ses.operations import Found, Operations
from local.ses.proxy import Proxy
from local.ses.send import Call, SendAPI
from local.ses.server import CLOSE_EXTENSION

SENDS = frozenset({"SendEmail", "SendBulkEmail"})


class ConnectionCut(Exception):
    """The planned fault closes the connection without a response."""


@dataclass(frozen=True, slots=True)
class API:
    operations: Operations
    account: Account
    account_api: AccountAPI
    send_api: SendAPI
    faults: Faults
    ledger: Ledger
    proxy: Proxy

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        found = self.operations.find(request.method, request.scope["raw_path"].decode("ascii"))
        name = found[0].name if found else "Unknown"
        call = Call(self.ledger.begin_call(), request.client.host if request.client else "127.0.0.1")
        fault = self.faults.call(name) if name in SENDS else None
        try:
            response = await self._answer(found, request, body, call, fault)
        except SESError as error:
            self._record(call, name, error.type, error.status, len(body), fault)
            return _refusal(error)
        except ConnectionCut:
            self._record(call, name, "closed", None, len(body), fault)
            request.scope["extensions"][CLOSE_EXTENSION]()
            return Response(status_code=500)
        # Before a planned hang, because the message is accepted now, however late the response.
        outcome = "ok" if response.status_code < 400 else "error"
        self._record(call, name, outcome, response.status_code, len(body), fault)
        await _hang(fault)
        return response

    async def _answer(
        self, found: Found | None, request: Request, body: bytes, call: Call, fault: CallFault | None
    ) -> Response:
        if found and found[0].name in SENDS:
            _before(fault)
            parameters = self.operations.request(*found, request.url.query, body)
            send = self.send_api.send_email if found[0].name == "SendEmail" else self.send_api.send_bulk_email
            response = _success(await send(parameters, call))
            _after(fault)
            return response
        serve = getattr(self.account_api, _method_name(found[0].name), None) if found else None
        if found is None or serve is None:
            return await self.proxy.forward(request, body)
        self.account.take_api_call()
        return _success(serve(self.operations.request(*found, request.url.query, body)))

    def _record(
        self, call: Call, name: str, outcome: str, status: int | None, size: int, fault: CallFault | None
    ) -> None:
        self.ledger.add_call(
            call.number,
            operation=name,
            outcome=outcome,
            status=status,
            fault=fault.name if fault else None,
            recipients=call.recipients,
            accepted=call.accepted,
            request_bytes=size,
        )


def _before(fault: CallFault | None) -> None:
    match fault and fault.fault:
        case "throttle":
            raise Throttled
        case "close_before":
            raise ConnectionCut
        case "error_before":
            raise _server_error(fault)


def _after(fault: CallFault | None) -> None:
    """The message has been accepted; only the response is lost."""
    match fault and fault.fault:
        case "close_after":
            raise ConnectionCut
        case "error_after":
            raise _server_error(fault)


async def _hang(fault: CallFault | None) -> None:
    if fault and fault.fault == "hang_after":
        await asyncio.sleep(fault.seconds)


def _server_error(fault: CallFault | None) -> SESError:
    if fault and fault.status == 503:
        return ServiceUnavailable("Service unavailable.")
    return InternalServiceError("Internal failure.")


def _method_name(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def _headers() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}


def _success(value: Mapping[str, Any]) -> Response:
    return Response(json.dumps(value), media_type="application/json", headers=_headers())


def _refusal(error: SESError) -> Response:
    return Response(
        json.dumps({"message": error.message}),
        status_code=error.status,
        media_type="application/json",
        headers=_headers() | {"x-amzn-ErrorType": error.type},
    )
