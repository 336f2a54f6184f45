"""What a benchmark says: one line with a figure, its aim, and whether it is met."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``bar`` is the number of its aim, ``aim`` in words; ``met`` is None where nothing is aimed at."""

    bar: int
    what: str
    found: str
    aim: str = ""
    met: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return f"{self.bar:>3}  {self.what:<44} {self.found:<66} {self.aim:<34} {verdict}".rstrip()
