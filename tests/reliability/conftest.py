"""Fresh tables on the real engine, as the adapters' tests have them."""

from tests.aws.conftest import engine

__all__ = ["engine"]
