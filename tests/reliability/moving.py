"""Readers who change their address during a campaign: half of them while a chunk with the old one waits."""

import random
import threading

from optout.address import Address
from optout.campaigns.ledger import Chunk
from optout.origin import Origin
from optout.subscribers.membership import Changes, update
from optout.subscribers.subscriber import require
from optout.suppressions.suppression import Suppressions
from tests.reliability.readers import WORKSPACE, Reader, Readers

ANYWHERE = 10  # readers who move whenever a chunk is stored, wherever they are


class Moving:
    """``moved`` are the readers who have changed their address, in the first of their newsletters."""

    def __init__(self, readers: Readers, suppressions: Suppressions) -> None:
        self.moved: set[Reader] = set()
        self._readers, self._suppressions = readers, suppressions
        moving = [reader for reader in readers.everybody if reader.moves]
        self._waiting = {reader for reader in moving if reader.at % 2}
        self._anywhere = [reader for reader in moving if reader not in self._waiting]
        random.Random(30).shuffle(self._anywhere)
        self._lock = threading.Lock()

    def stored(self, chunk: Chunk) -> None:
        """A chunk was stored, and no worker knows of it."""
        with self._lock:
            anywhere, self._anywhere = self._anywhere[:ANYWHERE], self._anywhere[ANYWHERE:]
        here = [Reader.of(recipient.email) for recipient in chunk.recipients]
        for reader in (*anywhere, *(reader for reader in here if reader in self._waiting)):
            self._move(reader)

    def before_click(self, reader: Reader) -> None:
        """Some move a moment before they unsubscribe."""
        if reader.moves and reader.at % 4 == 0:
            self._move(reader)

    def _move(self, reader: Reader) -> None:
        """Change the address, once."""
        with self._lock:
            if reader in self.moved:
                return
            self.moved.add(reader)
        newsletter = reader.newsletters[0]
        subscriber = require(self._readers, WORKSPACE, newsletter, reader.number(newsletter))
        changes: Changes = {"address": Address.parse(reader.emails[1])}
        update(self._readers, self._suppressions, subscriber, changes, Origin("letterbucket"))
