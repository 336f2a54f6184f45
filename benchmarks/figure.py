"""The result of a benchmark: one line with a figure, its target, and the verdict."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured value. ``bar`` is the number of its target, ``aim`` the target itself; ``met`` is None without one."""

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
