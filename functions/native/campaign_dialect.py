"""Our own API's voice where it speaks of campaigns: what has ended, or a key that has come before, is a conflict."""

from native import dialect
from native.dialect import authenticate, content_type, forgives_bad_json, headers, limits, name, reads_json
from optout.commissioning import KeyReused, WrongState
from optout.errors import OptoutError
from optout.http import Refusal

__all__ = ["authenticate", "content_type", "forgives_bad_json", "headers", "limits", "name", "reads_json", "refuse"]
_KEY_REUSED = "This Idempotency-Key has come with another request. Take a new one."


def refuse(error: OptoutError) -> Refusal:
    """As everywhere in our own API; `KeyReused` and `WrongState` are 409."""
    match error:
        case KeyReused():
            return _conflict("idempotency_key_reused", _KEY_REUSED)
        case WrongState(state=state):
            return _conflict("wrong_state", f"The campaign is {state.value}, and stays so.")
    return dialect.refuse(error)


def _conflict(code: str, message: str) -> Refusal:
    return Refusal(409, {"error": {"code": code, "message": message}}, {}, content_type)
