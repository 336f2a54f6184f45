"""The limiter's clock."""

from tests.aws.access.limits import clock

__all__ = ["clock"]
