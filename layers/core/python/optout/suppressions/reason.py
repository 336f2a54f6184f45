"""The reasons of a suppression, and the parties that they belong to.

The strongest reason decides: complaint > hard bounce > a person's own opt-out > the provider's list > soft bounces.
"""

from enum import StrEnum


class Speaker(StrEnum):
    """The party that a reason belongs to."""

    PERSON = "person"  # the owner of the address
    PROVIDER = "provider"  # the email provider
    OPERATOR = "operator"  # an API key or an import


class Reason(StrEnum):
    """The reason of a suppression."""

    UNSUBSCRIBED = "unsubscribed"
    ONE_CLICK = "one_click"
    MANUAL = "manual"
    IMPORTED = "imported"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    PROVIDER = "provider"
    PROVIDER_OPT_OUT = "provider_opt_out"
    SOFT_BOUNCED = "soft_bounced"

    @property
    def strength(self) -> int:
        return _STRENGTH.get(self, 3)

    @property
    def speaker(self) -> Speaker:
        return _SPEAKERS.get(self, Speaker.OPERATOR)

    @property
    def stops_transactional(self) -> bool:
        """Whether the reason stops transactional email too."""
        return self in (Reason.COMPLAINED, Reason.BOUNCED, Reason.PROVIDER)


_STRENGTH = {Reason.COMPLAINED: 5, Reason.BOUNCED: 4, Reason.PROVIDER: 2, Reason.SOFT_BOUNCED: 1}
_SPEAKERS = {
    Reason.ONE_CLICK: Speaker.PERSON,
    Reason.PROVIDER_OPT_OUT: Speaker.PERSON,
    Reason.COMPLAINED: Speaker.PERSON,
    Reason.BOUNCED: Speaker.PROVIDER,
    Reason.PROVIDER: Speaker.PROVIDER,
    Reason.SOFT_BOUNCED: Speaker.PROVIDER,
}
OPT_OUTS = frozenset(reason for reason in Reason if reason not in _STRENGTH)
