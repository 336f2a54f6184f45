"""Everything that an import needs, in memory, and short ways to ask for one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from optout.address import Address
from optout.imports import control
from optout.imports.job import Import, Tally
from optout.imports.run import ImportRun, Ran
from optout.runtime import fields
from optout.subscribers.subscriber import Subscriber
from tests.support.fakes import InMemoryQueue, InMemorySubscribers, InMemorySuppressions
from tests.support.fakes.imports import InMemoryFiles, InMemoryImports
from tests.support.samples import WORKSPACE

NEWSLETTER = "weekly"
to_address: Final[Callable[[str], Address]] = cache(fields.to_address)  # hundreds of runs read the same few rows


@dataclass
class House:
    """Every port, and one import in it."""

    subscribers: InMemorySubscribers = field(default_factory=InMemorySubscribers)
    suppressions: InMemorySuppressions = field(default_factory=InMemorySuppressions)
    files: InMemoryFiles = field(default_factory=InMemoryFiles)
    queue: InMemoryQueue = field(default_factory=InMemoryQueue)

    def __post_init__(self) -> None:
        self.imports = InMemoryImports(self.subscribers)
        self.number = control.begin(self.imports, WORKSPACE, NEWSLETTER).number

    @property
    def job(self) -> Import:
        return control.require(self.imports, WORKSPACE, self.number)

    @property
    def people(self) -> list[Subscriber]:
        return list(self.subscribers.walk(WORKSPACE, NEWSLETTER))[::-1]

    @property
    def emails(self) -> list[str]:
        return [one.address.original for one in self.people]

    def ask(self, what: Callable[..., Import], workspace: str = WORKSPACE) -> Import:
        return what(self.imports, self.files, self.queue, workspace, self.number)

    def run(self, seconds_left: Callable[[], float] = lambda: 300.0) -> Ran:
        run = ImportRun(self.imports, self.files, self.suppressions, to_address)
        return run.run(self.number, seconds_left)

    def check(self, *rows: str, header: str = "email,name") -> Tally:
        self.files.upload(self.number, "\n".join([header, *rows]).encode())
        self.ask(control.check)
        self.run()
        assert self.job.check
        return self.job.check.tally

    def add(self) -> Tally:
        self.ask(control.start)
        self.run()
        assert self.job.addition
        return self.job.addition.tally


def addresses(count: int, start: int = 0) -> list[str]:
    """Rows of people that follow each other."""
    return [f"p{at}@example.com,P {at}" for at in range(start, start + count)]


class Killed(BaseException):
    """Nothing catches it."""


class Watched:
    """A port whose every call is told of, before it is made and after."""

    def __init__(self, port: Any, tell: Callable[[], None]) -> None:
        self._port, self._tell = port, tell

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self._tell()
            found = getattr(self._port, name)(*arguments)
            self._tell()
            return found

        return call


@contextmanager
def watched(house: House, tell: Callable[[], None]) -> Iterator[ImportRun]:
    imports, files, suppressions = (Watched(port, tell) for port in (house.imports, house.files, house.suppressions))
    yield ImportRun(imports, files, suppressions, to_address)
