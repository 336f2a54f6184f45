"""The operations SendEmail and SendBulkEmail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.ses import content, limits, templates
from local.ses.account import Account
from local.ses.delivery import EICAR, Delivery
from local.ses.envelope import Envelope, EnvelopeReader
from local.ses.errors import BadRequest, DailyQuotaExceeded, SESError, Throttled
from local.ses.faults import Faults
from local.ses.limits import Header
from local.ses.message import Content, Message, PlainContent, TemplatedContent, digest
from local.ses.templates import RenderingFailure


@dataclass(slots=True)
class Call:
    """One API call, with the counts of recipients that its ledger row shows."""

    number: int
    source_ip: str
    recipients: int = 0
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class SendAPI:
    envelopes: EnvelopeReader
    account: Account
    delivery: Delivery
    faults: Faults

    async def send_email(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        value = request["Content"]
        form = content.only_form(value)
        raw = content.raw(value["Raw"]["Data"]) if form == "Raw" else None
        sender = request.get("FromEmailAddress") or (raw.sender if raw else None)
        destination = request.get("Destination") or (raw.destination if raw else {})
        call.recipients = _count(destination)
        envelope = await self.envelopes.read(request, sender, request.get("EmailTags") or [])
        message = self._message(call, envelope, destination)
        if raw:
            limits.check_size(len(value["Raw"]["Data"]))
            message.reply_to = message.reply_to or raw.reply_to
            self._fill(message, raw.content, raw.headers, value["Raw"]["Data"])
        else:
            body = value[form]
            parsed = content.simple(body) if form == "Simple" else content.template(body)
            attached = b"".join(item["RawContent"] for item in body.get("Attachments") or ())
            self._fill(message, parsed, limits.headers(body.get("Headers")), attached)
        self._accept(call, message)
        return {"MessageId": message.message_id}

    async def send_bulk_email(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        entries = request["BulkEmailEntries"]
        call.recipients = sum(_count(entry["Destination"]) for entry in entries)
        if not 1 <= len(entries) <= limits.MAX_ENTRIES:
            raise BadRequest(f"BulkEmailEntries must have between 1 and {limits.MAX_ENTRIES} entries.")
        default = request["DefaultContent"].get("Template")
        if default is None:
            raise BadRequest("DefaultContent must have a Template.")
        template, headers = content.template(default), limits.headers(default.get("Headers"))
        attached = b"".join(item["RawContent"] for item in default.get("Attachments") or ())
        sender, tags = request.get("FromEmailAddress"), request.get("DefaultEmailTags") or []
        envelope = await self.envelopes.read(request, sender, tags)
        bulk = BulkContent(template, headers, attached)
        results = [self._entry(call, envelope, bulk, entry) for entry in entries]
        return {"BulkEmailEntryResults": self._answer(results)}

    def _entry(self, call: Call, envelope: Envelope, bulk: "BulkContent", entry: Mapping[str, Any]) -> "EntryResult":
        planned = self.faults.entry()
        if planned:
            return EntryResult({"Status": planned.status, "Error": "This error was injected by the fault plan."})
        try:
            message = self._message(call, envelope, entry["Destination"])
            message.operation = "SendBulkEmail"
            message.tags = envelope.tags | limits.tags(entry.get("ReplacementTags"))
            limits.check_tag_count(message.tags)
            self._fill(message, bulk.content_of(entry), bulk.headers_of(entry), bulk.attached)
            self._accept(call, message)
        except SESError as error:
            return EntryResult({"Status": error.entry_status, "Error": error.message}, error)
        return EntryResult({"Status": "SUCCESS", "MessageId": message.message_id})

    @staticmethod
    def _answer(results: "Sequence[EntryResult]") -> list[dict[str, str]]:
        """Rate and quota errors are reported per entry, unless no entry was within them: then the call fails."""
        errors = [result.error for result in results]
        if errors[0] and all(isinstance(error, Throttled | DailyQuotaExceeded) for error in errors):
            raise errors[0]
        return [result.answer for result in results]

    def _message(self, call: Call, envelope: Envelope, destination: Mapping[str, Sequence[str]]) -> Message:
        to, cc, bcc = limits.destination(destination)
        self.account.check_recipients([*to, *cc, *bcc])
        return Message(
            sender=envelope.sender,
            source=envelope.source.address,
            to=to,
            cc=cc,
            bcc=bcc,
            to_header=", ".join(destination.get("ToAddresses") or ()),
            reply_to=envelope.reply_to,
            headers=[],
            tags=envelope.tags,
            configuration_set=envelope.configuration_set,
            content=NOTHING,
            return_path=envelope.return_path,
            source_ip=call.source_ip,
        )

    def _fill(self, message: Message, value: Content, headers: list[Header], attached: bytes = b"") -> None:
        """Set the content. Rendering it here gives its size, its digest and any rendering failure."""
        message.content, message.headers = value, headers
        try:
            subject, text, html = value.subject, value.text or "", value.html or ""
        except RenderingFailure as failure:
            message.rendering_error = str(failure)
            return
        limits.check_size(len(text.encode()) + len(html.encode()) + len(attached))
        message.rejected = EICAR in text or EICAR in html or EICAR.encode() in attached
        message.sha256 = digest(subject, text, html, headers, attached)

    def _accept(self, call: Call, message: Message) -> None:
        message.accepted = self.account.take(len(message.recipients))
        call.accepted += len(message.recipients)
        self.delivery.accept(call.number, message)


@dataclass(frozen=True, slots=True)
class BulkContent:
    """The default content of a bulk call, and its replacement by each entry."""

    template: TemplatedContent
    headers: list[Header]
    attached: bytes

    def content_of(self, entry: Mapping[str, Any]) -> TemplatedContent:
        replacement = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
        own = templates.data(replacement.get("ReplacementTemplateData"))
        return replace(self.template, data={**self.template.data, **own}) if own else self.template

    def headers_of(self, entry: Mapping[str, Any]) -> list[Header]:
        return limits.merge_headers(self.headers, limits.headers(entry.get("ReplacementHeaders")))


@dataclass(frozen=True, slots=True)
class EntryResult:
    answer: dict[str, str]
    error: SESError | None = None


def _count(destination: Mapping[str, Sequence[str]]) -> int:
    return sum(len(addresses) for addresses in destination.values())


NOTHING = PlainContent("", None, None)
