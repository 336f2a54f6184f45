"""The links in our emails, and the keys that sign them."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.messages.link_token import Keys
from optout.wiring.clients import secrets, settings

if TYPE_CHECKING:
    from optout.campaigns.links import Links
    from optout.messages.template import Site


def link_keys() -> Keys:
    return secrets().link_keys(settings().link_keys)


@cache
def links() -> "Links":
    from optout.campaigns.links import Links

    return Links(settings().public_url, link_keys)


def site() -> "Site":
    from optout.messages.template import Site

    return Site(settings().site_name, settings().public_url)


LinkKeysPort = Annotated[Keys, Depends(link_keys)]
