"""Publishes events to SNS and Firehose with a pool of threads, retries failures, and counts every event.

Events wait in a heap until they are due, so a planned delay blocks no thread. A thread takes up to ten due events at a
time and publishes them with PublishBatch, each as a message of its own. Failed events are retried with exponential
backoff; after the last attempt they are counted and logged.

SES puts each event into Firehose as one record, and Firehose buffers records for a minute and writes them into one
file. The engine's Firehose has no buffer: it would write one file per event. Events for a stream therefore wait here
until the next full second and go out as one record of up to 500 lines.
"""

import heapq
import itertools
import math
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local.ses.configuration_sets import engine_client
from local.ses.events import body
from local.ses.message import Message

SUBJECT = "Amazon SES Email Event Notification"
MAX_BATCH = 10
MAX_BATCH_BYTES = 200_000
MAX_FILE = 500
MAX_FILE_BYTES = 900_000
SECONDS_BUFFERED = 1.0
MAX_ATTEMPTS = 10
LONGEST_PAUSE = 5.0


@dataclass(order=True, slots=True)
class Pending:
    due: float
    number: int
    place: str = field(compare=False)
    kind: str = field(compare=False)
    message: Message = field(compare=False)
    detail: dict[str, Any] = field(compare=False)
    attempts: int = field(default=0, compare=False)

    @property
    def is_buffered(self) -> bool:
        return self.place.split(":")[2] == "firehose"


class EventPublisher:
    def __init__(self, engine: str, workers: int) -> None:
        self._sns, self._firehose = engine_client("sns", engine), engine_client("firehose", engine)
        self._heap: list[Pending] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._in_flight = 0
        self._stopping = False
        self._published: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._retried = 0
        self._last_error: str | None = None
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def add(self, kind: str, message: Message, detail: dict[str, Any], delays: Iterable[float]) -> None:
        """Publish one copy per delay (in seconds) to every destination that subscribes to this type of event."""
        if message.configuration_set is None:
            return
        places = [place.arn for place in message.configuration_set.destinations if kind in place.kinds]
        now = time.monotonic()
        pending = [
            Pending(now + delay, next(self._numbers), place, kind, message, detail)
            for place in places
            for delay in delays
        ]
        with self._changed:
            for event in pending:
                self._push(event)
            self._changed.notify()

    def counts(self) -> dict[str, Any]:
        with self._changed:
            return {
                "pending": len(self._heap) + self._in_flight,
                "published": sum(self._published.values()),
                "failed": sum(self._failed.values()),
                "retried": self._retried,
                "published_by_type": dict(self._published),
                "failed_by_type": dict(self._failed),
                "last_error": self._last_error,
            }

    def stop(self, seconds: float) -> None:
        """Publish due events for up to ``seconds``, then stop and report any that are left."""
        deadline = time.monotonic() + seconds
        while self._is_due(time.monotonic() + SECONDS_BUFFERED) and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        left = self.counts()["pending"]
        if left:
            print(f"stopped before {left} events were published", file=sys.stderr, flush=True)

    def _is_due(self, now: float) -> bool:
        with self._changed:
            return self._in_flight > 0 or bool(self._heap and self._heap[0].due <= now)

    def _push(self, event: Pending) -> None:
        if event.is_buffered:
            event.due = math.ceil(event.due / SECONDS_BUFFERED) * SECONDS_BUFFERED
        heapq.heappush(self._heap, event)

    def _work(self) -> None:
        while batch := self._take():
            self._publish(batch)

    def _take(self) -> list[Pending]:
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                if batch := self._pop(now):
                    self._in_flight += len(batch)
                    if self._heap:
                        self._changed.notify()
                    return batch
                self._changed.wait(self._heap[0].due - now if self._heap else None)
            return []

    def _pop(self, now: float) -> list[Pending]:
        """Due events of one destination. Events of a stream become due together."""
        batch: list[Pending] = []
        while self._heap and self._heap[0].due <= now:
            if batch and self._heap[0].place != batch[0].place:
                break
            batch.append(heapq.heappop(self._heap))
            if len(batch) == (MAX_FILE if batch[0].is_buffered else MAX_BATCH):
                break
        return batch

    def _publish(self, events: list[Pending]) -> None:
        """Publish in batches by size: PublishBatch allows 256 KiB in total, a Firehose record 1,000 KiB."""
        place, is_buffered = events[0].place, events[0].is_buffered
        send, most = (self._put, MAX_FILE_BYTES) if is_buffered else (self._send, MAX_BATCH_BYTES)
        bodies = [body(event.kind, event.message, event.detail) for event in events]
        start = 0
        while start < len(events):
            end, size = start + 1, len(bodies[start])
            while end < len(events) and size + len(bodies[end]) <= most:
                size += len(bodies[end])
                end += 1
            send(place, events[start:end], bodies[start:end])
            start = end

    def _put(self, stream: str, events: list[Pending], bodies: list[str]) -> None:
        records = [{"Data": "".join(f"{text}\n" for text in bodies).encode()}]
        try:
            answer = self._firehose.put_record_batch(DeliveryStreamName=stream.rpartition("/")[2], Records=records)
        except Exception as error:  # as in _send
            self._settle([], events, str(error))
            return
        (result,) = answer["RequestResponses"]
        refused = result.get("ErrorMessage")
        self._settle([] if refused else events, events if refused else [], refused)

    def _send(self, topic: str, events: list[Pending], bodies: list[str]) -> None:
        entries = [{"Id": str(index), "Subject": SUBJECT, "Message": text} for index, text in enumerate(bodies)]
        try:
            answer = self._sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        except Exception as error:  # any failure is retried: an exception here would end the thread and lose the event
            self._settle([], events, str(error))
            return
        refused = {int(entry["Id"]): entry.get("Message", entry["Code"]) for entry in answer.get("Failed", [])}
        published = [event for index, event in enumerate(events) if index not in refused]
        failed = [event for index, event in enumerate(events) if index in refused]
        self._settle(published, failed, next(iter(refused.values()), None))

    def _settle(self, published: list[Pending], failed: list[Pending], error: str | None) -> None:
        with self._changed:
            self._in_flight -= len(published) + len(failed)
            self._published.update(event.kind for event in published)
            self._last_error = error or self._last_error
            for event in failed:
                self._retry(event)
            self._changed.notify()

    def _retry(self, event: Pending) -> None:
        event.attempts += 1
        if event.attempts >= MAX_ATTEMPTS:
            self._failed[event.kind] += 1
            print(
                f"gave up publishing the {event.kind} event of message {event.message.message_id}",
                file=sys.stderr,
                flush=True,
            )
            return
        self._retried += 1
        event.due = time.monotonic() + min(LONGEST_PAUSE, 0.1 * 2**event.attempts)
        self._push(event)
