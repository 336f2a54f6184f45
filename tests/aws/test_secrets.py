"""Link keys: a key that was added is known at its first link, and key ids that are made up cost no reads."""

from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters.base import BaseProvider

from optout.aws.secrets import Secrets
from optout.errors import Unavailable


class Provider(BaseProvider):
    """A secret that can be changed, and how often it was read."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.text, self.reads = '{"1": "one"}', 0

    def _get(self, name: str, **sdk_options: Any) -> str:
        self.reads += 1
        if not self.text:
            raise ConnectionError
        return self.text

    def _get_multiple(self, path: str, **sdk_options: Any) -> dict[str, str]:
        raise NotImplementedError


@pytest.fixture
def provider() -> Provider:
    return Provider()


def test_known_keys_are_read_once(provider: Provider) -> None:
    for _ in range(3):
        assert Secrets(provider).link_keys("links").get(1) == b"one"
    assert provider.reads == 1


def test_a_key_that_was_added_since_is_known_at_its_first_link(provider: Provider) -> None:
    keys = Secrets(provider).link_keys("links")
    provider.text = '{"1": "one", "2": "two"}'
    assert (keys.get(2), max(keys)) == (b"two", 2)


def test_key_ids_that_are_made_up_read_the_secret_once_in_half_a_minute(provider: Provider) -> None:
    for kid in range(2, 200):
        assert Secrets(provider).link_keys("links").get(kid) is None
    assert provider.reads == 2


def test_a_secret_that_cannot_be_read_again_makes_the_link_unavailable_rather_than_wrong(provider: Provider) -> None:
    keys = Secrets(provider).link_keys("links")
    provider.text = ""
    with pytest.raises(Unavailable):
        keys.get(2)
