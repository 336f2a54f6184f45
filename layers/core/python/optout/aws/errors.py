"""Errors of the AWS SDK as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from optout.errors import Unavailable


@contextmanager
def map_errors() -> Iterator[None]:
    """Around calls of a service: any failure is `Unavailable`."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
