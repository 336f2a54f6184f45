"""A stub of the engine: serves configuration sets, accepts calls to SNS and Firehose, and records all requests."""

import base64
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote

TOPIC = "arn:aws:sns:us-east-1:000000000000:feedback"
STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/sent"
ALL_EVENTS = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE", "DELIVERY_DELAY"]

Json = Any


@dataclass
class StubEngine:
    sets: dict[str, Json] = field(default_factory=dict)
    published: list[tuple[str, Json, float]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    files: list[tuple[str, list[Json]]] = field(default_factory=list)
    refuse_next: int = 0
    url: str = ""

    def add_set(self, name: str, events: list[str], enabled: bool = True, **settings: Json) -> None:
        destination = {"TopicArn": TOPIC}
        place = {"Name": "sns", "Enabled": enabled, "MatchingEventTypes": events, "SnsDestination": destination}
        self.sets[name] = {"settings": {"ConfigurationSetName": name, **settings}, "destinations": [place]}

    def add_stream(self, name: str, events: list[str]) -> None:
        """Add a Firehose destination to a configuration set."""
        where = {"DeliveryStreamArn": STREAM, "IamRoleArn": "arn:aws:iam::000000000000:role/put"}
        place = {"Name": "firehose", "Enabled": True, "MatchingEventTypes": events, "KinesisFirehoseDestination": where}
        self.sets[name]["destinations"].append(place)

    def events(self, message_id: str | None = None) -> list[Json]:
        bodies = [body for _, body, _ in self.published]
        return [body for body in bodies if message_id in (None, body["mail"]["messageId"])]

    def arrivals(self, kind: str) -> list[float]:
        """The arrival times of events of this type, in seconds since 1970."""
        return [at for _, body, at in self.published if body["eventType"] == kind]

    def kinds(self, message_id: str) -> list[str]:
        return sorted(event["eventType"] for event in self.events(message_id))


def handler(stub: StubEngine) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def answer(self, status: int, body: str, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            if status >= 400:
                self.send_header("x-amzn-ErrorType", "NotFoundException")
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self) -> None:
            stub.asked.append(f"GET {self.path}")
            parts = [unquote(part) for part in self.path.split("/")]
            if parts[3] != "configuration-sets":
                self.answer(200, json.dumps({"TemplatesMetadata": [{"TemplateName": "from-the-engine"}]}))
            elif parts[4] not in stub.sets:
                self.answer(404, json.dumps({"message": "does not exist"}))
            else:
                known = stub.sets[parts[4]]
                events = {"EventDestinations": known["destinations"]}
                self.answer(200, json.dumps(events if parts[-1] == "event-destinations" else known["settings"]))

        def take_records(self, request: Json) -> None:
            """Each record becomes a file, as in the engine."""
            for record in request["Records"]:
                lines = base64.b64decode(record["Data"]).decode().split("\n")
                assert lines.pop() == ""
                stub.files.append((request["DeliveryStreamName"], [json.loads(line) for line in lines]))
            done = [{"RecordId": "r"} for _ in request["Records"]]
            self.answer(200, json.dumps({"FailedPutCount": 0, "RequestResponses": done}))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if stub.refuse_next:
                stub.refuse_next -= 1
                self.answer(500, "<ErrorResponse><Error><Code>InternalError</Code></Error></ErrorResponse>", "text/xml")
                return
            if "x-amz-target" in self.headers:
                self.take_records(json.loads(sent))
                return
            form = parse_qs(sent)
            done = []
            for number in range(1, 11):
                prefix = f"PublishBatchRequestEntries.member.{number}"
                if f"{prefix}.Id" in form:
                    stub.published.append((form["TopicArn"][0], json.loads(form[f"{prefix}.Message"][0]), time.time()))
                    done.append(f"<member><Id>{form[f'{prefix}.Id'][0]}</Id><MessageId>m</MessageId></member>")
            result = f"<PublishBatchResult><Successful>{''.join(done)}</Successful><Failed/></PublishBatchResult>"
            self.answer(200, f"<PublishBatchResponse>{result}</PublishBatchResponse>", "text/xml")

    return Handler
