"""Classify the errors of SES send calls.

A retry could be a second email, because SES v2 has no client token. So an answer that may hide an accepted call is
`InDoubt`, never an error to retry.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ProxyConnectionError,
)

from optout.errors import InDoubt, NotSent

# SSLError is not among them: a connection that ends in the middle of an answer raises it too.
_BEFORE_THE_CALL = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_OF_AN_ENTRY = ("BadRequestException", "MessageRejected")


class Unacceptable(Exception):
    """SES refused the call because of one of its entries; nothing was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def classify_errors(sender: str) -> Iterator[None]:
    """Around one call: raises `Unacceptable`, `NotSent` (SES accepts no email at present), or `InDoubt`."""
    try:
        yield
    except ClientError as error:
        details = error.response.get("Error", {})
        code, text = details.get("Code", ""), details.get("Message", "")
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500:
            raise InDoubt from error
        if code not in _OF_AN_ENTRY or _is_unverified(sender, text):
            raise NotSent(code, text) from error
        raise Unacceptable(code) from error
    except ParamValidationError as error:  # our bug; the call was not made
        raise Unacceptable(type(error).__name__) from error
    except _BEFORE_THE_CALL as error:
        raise NotSent(type(error).__name__) from error
    except BotoCoreError as error:
        raise InDoubt from error


def _is_unverified(sender: str, text: str) -> bool:
    """Whether the sender is not verified. SES names the identities; in its sandbox they may be recipients."""
    text = text.lower()
    return "not verified" in text and parseaddr(sender)[1].lower() in text
