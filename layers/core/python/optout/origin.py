"""Who changed something, and through what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changed the list and through what. ``via`` is a dialect, ``link``, ``feedback`` or ``command``; ``actor`` an
    opaque id (a credential, a campaign, a feedback event), never a key or an address. The history keeps a keyed hash
    of the IP address; the record shows it in clear only where ``show_ip`` says that the dialect asks for it."""

    via: str
    actor: str = ""
    user_agent: str = ""
    ip: str = ""
    show_ip: bool = False
