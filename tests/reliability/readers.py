"""The audiences of campaigns: one newsletter with generated subscribers, and several newsletters that share readers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optout.address import Address
from optout.subscribers.subscriber import Confirmation, Page, Status, Subscriber
from tests.support.fakes import InMemorySubscribers

WORKSPACE = "acme"
NEWSLETTERS = ("arts", "city", "sport", "world")
HOW_MANY = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)  # newsletters of a reader


@dataclass(frozen=True)
class Crowd:
    """The part of the `Subscribers` port that a walk needs, with generated subscribers."""

    size: int

    def newsletters(self, workspace: str) -> Sequence[str]:
        return ["weekly"]

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        numbers = range(after + 1, min(after + limit, self.size) + 1)
        people = [
            Subscriber(workspace, newsletter, n, self.address(n), "Ada Lovelace", Status.ACTIVE, 0) for n in numbers
        ]
        return Page(people, numbers[-1] if numbers and numbers[-1] < self.size else None)

    @staticmethod
    def address(at: int) -> Address:
        return Address.parse(f"p{at}@example.org")

    @property
    def emails(self) -> set[str]:
        return {f"p{at}@example.org" for at in range(1, self.size + 1)}


@dataclass(frozen=True)
class Reader:
    """A person in one to three newsletters. A reader who moves has a new address in the first of them."""

    at: int

    @classmethod
    def of(cls, email: str) -> "Reader":
        return cls(int(email.partition("@")[0].removeprefix("p")))

    @property
    def newsletters(self) -> Sequence[str]:
        count = HOW_MANY[self.at // len(NEWSLETTERS) % len(HOW_MANY)]
        return sorted(NEWSLETTERS[(self.at + i) % len(NEWSLETTERS)] for i in range(count))

    @property
    def left(self) -> Sequence[str]:
        """The newsletters that the reader left before the campaign: the first one, or all."""
        return {5: self.newsletters[:1], 6: self.newsletters}.get(self.at % 37, ())

    @property
    def wants_email(self) -> bool:
        return len(self.left) < len(self.newsletters)

    @property
    def moves(self) -> bool:
        return self.at % 7 == 3

    @property
    def emails(self) -> Sequence[str]:
        """The address, and the new one of a reader who moves."""
        return [f"p{self.at}@example.org", f"p{self.at}@elsewhere.example"][: 1 + self.moves]

    def number(self, newsletter: str) -> int:
        """The number of the subscription."""
        return self.at * len(NEWSLETTERS) + NEWSLETTERS.index(newsletter) + 1

    def subscription(self, newsletter: str) -> Subscriber:
        address = Address.parse(self.emails[0])
        return Subscriber(WORKSPACE, newsletter, self.number(newsletter), address, "Ada", Status.ACTIVE, 0)


class Readers(InMemorySubscribers):
    """The `Subscribers` port with many readers, who are found by their address at once."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.everybody = [Reader(at) for at in range(size)]
        for newsletter in NEWSLETTERS:
            self.add(
                *(reader.subscription(newsletter) for reader in self.everybody if newsletter in reader.newsletters)
            )
        self._numbers = {
            (newsletter, reader.emails[0]): reader.number(newsletter)
            for reader in self.everybody
            for newsletter in reader.newsletters
        }

    @property
    def emails(self) -> set[str]:
        return {email for reader in self.everybody for email in reader.emails}

    def numbers_of(self, workspace: str, newsletters: Iterable[str], address: Address) -> Mapping[str, int]:
        with self._open():
            found = {newsletter: self._numbers.get((newsletter, address.key_form)) for newsletter in newsletters}
            return {newsletter: number for newsletter, number in found.items() if number is not None}

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        with self._open():
            super().change(before, after, confirmation)
            del self._numbers[before.newsletter, before.address.key_form]
            self._numbers[after.newsletter, after.address.key_form] = after.number
