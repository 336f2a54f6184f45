"""The control routes under ``/_local/``: mailbox, ledger, settings, faults, events."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.ses import pages
from local.ses.account import Account, Settings
from local.ses.faults import FaultPlan, Faults
from local.ses.ledger import Ledger
from local.ses.mailbox import Mail, MailStore
from local.ses.publisher import EventPublisher

MAX_LEDGER_ROWS = 100_000
MAILS_PER_CHUNK = 200


class Unreadable(Exception):
    """The request is invalid; the text says why."""


async def refuse(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, 400)


@dataclass(frozen=True, slots=True)
class Control:
    account: Account
    faults: Faults
    ledger: Ledger
    mails: MailStore
    publisher: EventPublisher

    def routes(self) -> list[Route]:
        return [
            Route("/_local/mailbox", self.mailbox_page, methods=["GET"]),
            Route("/_local/mailbox", self.empty_mailbox, methods=["DELETE"]),
            Route("/_local/mailbox.json", self.mailbox_json),
            Route("/_local/mailbox.css", self.mailbox_style),
            Route("/_local/mailbox/{message_id}", self.mail_page),
            Route("/_local/mailbox/{message_id}/html", self.mail_html),
            Route("/_local/ledger", self.ledger_rows),
            Route("/_local/settings", self.get_settings, methods=["GET"]),
            Route("/_local/settings", self.put_settings, methods=["PUT"]),
            Route("/_local/identities", self.put_identities, methods=["PUT"]),
            Route("/_local/faults", self.get_faults, methods=["GET"]),
            Route("/_local/faults", self.put_faults, methods=["PUT"]),
            Route("/_local/faults", self.delete_faults, methods=["DELETE"]),
            Route("/_local/events", self.event_counts),
        ]

    async def mailbox_page(self, request: Request) -> Response:
        return pages.mail_list(self.mails, max(1, _integer(request, "page", 1)), request.query_params.get("to", ""))

    async def mail_page(self, request: Request) -> Response:
        return pages.mail_page(self.mails.find(request.path_params["message_id"]))

    async def mail_html(self, request: Request) -> Response:
        return pages.mail_html(self.mails.find(request.path_params["message_id"]))

    async def mailbox_style(self, _: Request) -> Response:
        return pages.style()

    async def empty_mailbox(self, _: Request) -> Response:
        self.mails.clear()
        return Response(status_code=204)

    async def mailbox_json(self, request: Request) -> Response:
        """Streamed, because ten thousand newsletters are about a hundred megabytes of text."""
        after = request.query_params.get("after")
        mails = list(self.mails.oldest_first(request.query_params.get("to"), _instant(after) if after else None))
        return StreamingResponse(_json_array(mails, self.mails.fields), media_type="application/json")

    async def ledger_rows(self, request: Request) -> Response:
        limit = min(_integer(request, "limit", 1000), MAX_LEDGER_ROWS)
        rows = self.ledger.rows(_integer(request, "after", 0), limit)
        headers = {f"x-ledger-{name}": str(count) for name, count in self.ledger.counts.items()}
        return Response(rows, media_type="application/json", headers=headers)

    async def get_settings(self, _: Request) -> Response:
        return JSONResponse(self.account.settings.model_dump())

    async def put_settings(self, request: Request) -> Response:
        value = await _json(request)
        if not isinstance(value, dict):
            raise Unreadable("The settings must be a JSON object.")
        return self._apply(value)

    async def put_identities(self, request: Request) -> Response:
        value = await _json(request)
        return self._apply({"identities": value.get("identities") if isinstance(value, dict) else value})

    def _apply(self, changes: dict[str, Any]) -> Response:
        settings = Settings.model_validate(self.account.settings.model_dump() | changes)
        self.account.settings = settings
        self.mails.resize(settings.mailbox_limit)
        return JSONResponse(settings.model_dump())

    async def get_faults(self, _: Request) -> Response:
        return JSONResponse(
            {
                "plan": self.faults.plan.model_dump(mode="json"),
                "seen": dict(self.faults.seen),
                "injected": dict(self.faults.injected),
            }
        )

    async def put_faults(self, request: Request) -> Response:
        self.faults.set(FaultPlan.model_validate(await _json(request)))
        return await self.get_faults(request)

    async def delete_faults(self, _: Request) -> Response:
        self.faults.set(FaultPlan())
        return Response(status_code=204)

    async def event_counts(self, _: Request) -> Response:
        return JSONResponse(self.publisher.counts())


def _json_array(mails: list[Mail], fields: Mapping[str, str]) -> Iterable[str]:
    yield "["
    for start in range(0, len(mails), MAILS_PER_CHUNK):
        chunk = mails[start : start + MAILS_PER_CHUNK]
        yield ("," if start else "") + ",".join(json.dumps(mail.as_json(fields)) for mail in chunk)
    yield "]"


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise Unreadable("The body is not valid JSON.") from error


def _integer(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query_params.get(name, default))
    except ValueError as error:
        raise Unreadable(f"{name} must be a whole number.") from error


def _instant(text: str) -> float:
    """Seconds since 1970 of a time in ISO 8601 or in seconds. A space stands for a '+' that was not URL-encoded."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Unreadable(f"'{text}' is not a time. Use ISO 8601, or seconds since 1970.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


ERROR_HANDLERS = {Unreadable: refuse, ValidationError: refuse}
