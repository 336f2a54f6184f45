"""The origin of a change, for the audit history."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a change. ``via`` is a dialect, ``link``, ``feedback`` or ``command``; ``actor`` is an opaque id
    (of a credential, a campaign or a feedback event), never a key or an address. The history stores a keyed hash of the
    IP address; ``show_ip`` keeps the address itself in the record, for the dialect that returns it."""

    via: str
    actor: str = ""
    user_agent: str = ""
    ip: str = ""
    show_ip: bool = False
