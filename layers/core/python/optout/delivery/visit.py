"""Visit all campaigns that have not ended: each gets its turn, within the time that a run has."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import shuffle

from optout.campaigns.campaign import Campaigns

_SECONDS_NEEDED = 10.0  # for one campaign


@dataclass(slots=True)
class Visited:
    """``failures`` are the errors of single campaigns; ``left`` counts the campaigns that no time was left for."""

    failures: list[Exception] = field(default_factory=list)
    left: int = 0


def visit(campaigns: Campaigns, look: Callable[[int], None], seconds_left: Callable[[], float]) -> Visited:
    """Look at each campaign by number. The order is random: when time runs out, the next run begins with others, so one
    workspace with many campaigns delays the others and stops none. An error of one campaign does not keep the rest."""
    visited = Visited()
    numbers = list(campaigns.unended())
    shuffle(numbers)
    for place, number in enumerate(numbers):
        if seconds_left() < _SECONDS_NEEDED:
            visited.left = len(numbers) - place
            break
        try:
            look(number)
        except Exception as error:
            visited.failures.append(error)
    return visited
