"""The SES v2 routes: find the operation, check the request, inject the planned fault, answer, write the ledger."""

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
from local.ses.sending import Call, Sending
from local.ses.server import CLOSE_EXTENSION


class ConnectionCut(Exception):
    """The planned fault was to close the connection without an answer."""


@dataclass(frozen=True, slots=True)
class API:
    operations: Operations
    account: Account
    account_api: AccountAPI
    sending: Sending
    faults: Faults
    ledger: Ledger
    proxy: Proxy

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        path = request.scope["raw_path"].decode("ascii")
        found = self.operations.find(request.method, path)
        call = Call(self.ledger.begin_call(), request.client.host if request.client else "127.0.0.1")
        name = found[0].name if found else "Unknown"
        fault: CallFault | None = None
        try:
            if found is None or not self._serves(name):
                response = await self.proxy.forward(request, body)
            elif name in ("SendEmail", "SendBulkEmail"):
                fault = self.faults.call(name)
                response = await self._send(found, request, body, call, fault)
            else:
                self.account.take_api_call()
                response = _answer(self._account_operation(name)(self._parameters(found, request, body)))
            # Written before a planned hang: the mail is accepted now, however late the answer.
            self._record(call, name, "ok" if response.status_code < 400 else "error", response.status_code, body, fault)
        except SESError as error:
            self._record(call, name, error.type, error.status, body, fault)
            response = _refusal(error)
        except ConnectionCut:
            self._record(call, name, "closed", None, body, fault)
            request.scope["extensions"][CLOSE_EXTENSION]()
            response = Response(status_code=500)
        else:
            await _hang(fault)
        return response

    def _serves(self, name: str) -> bool:
        return name in ("SendEmail", "SendBulkEmail") or hasattr(self.account_api, _method_name(name))

    def _account_operation(self, name: str) -> Any:
        return getattr(self.account_api, _method_name(name))

    def _parameters(self, found: Found, request: Request, body: bytes) -> dict[str, Any]:
        return self.operations.request(*found, request.url.query, body)

    async def _send(self, found: Found, request: Request, body: bytes, call: Call, fault: CallFault | None) -> Response:
        if fault:
            _before(fault)
        parameters = self._parameters(found, request, body)
        send = self.sending.send_email if found[0].name == "SendEmail" else self.sending.send_bulk_email
        response = _answer(await send(parameters, call))
        if fault:
            _after(fault)
        return response

    def _record(
        self, call: Call, name: str, outcome: str, status: int | None, body: bytes, fault: CallFault | None
    ) -> None:
        self.ledger.add_call(
            call.number,
            operation=name,
            outcome=outcome,
            status=status,
            fault=fault.name if fault else None,
            recipients=call.recipients,
            accepted=call.accepted,
            request_bytes=len(body),
        )


def _before(fault: CallFault) -> None:
    match fault.fault:
        case "throttle":
            raise Throttled
        case "close_before":
            raise ConnectionCut
        case "error_before":
            raise _server_error(fault.status)


def _after(fault: CallFault) -> None:
    """The mail is accepted; only the answer gets lost."""
    match fault.fault:
        case "close_after":
            raise ConnectionCut
        case "error_after":
            raise _server_error(fault.status)


async def _hang(fault: CallFault | None) -> None:
    if fault and fault.fault == "hang_after":
        await asyncio.sleep(fault.seconds)


def _server_error(status: int) -> SESError:
    return ServiceUnavailable("Service unavailable.") if status == 503 else InternalServiceError("Internal failure.")


def _method_name(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def _headers() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}


def _answer(value: Mapping[str, Any]) -> Response:
    return Response(json.dumps(value), media_type="application/json", headers=_headers())


def _refusal(error: SESError) -> Response:
    return Response(
        json.dumps({"message": error.message}),
        status_code=error.status,
        media_type="application/json",
        headers=_headers() | {"x-amzn-ErrorType": error.type},
    )
