"""Fresh tables on the real engine, as the adapters' tests have them."""

from tests.adapters.conftest import engine

__all__ = ["engine"]
