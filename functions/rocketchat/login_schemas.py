"""Rocket.Chat's words for logging in and out."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from optout.access.credential import Credential
from optout.runtime.fields import Reply


def _text(value: Any) -> str:
    """What is no text is nobody's name or password; the answer to that is the same as to a wrong one."""
    return value if isinstance(value, str) else ""


def _user(value: Any) -> str:
    """A name, or an object with a name or an address in it."""
    return _text(value.get("username")) or _text(value.get("email")) if isinstance(value, dict) else _text(value)


Text = Annotated[str, BeforeValidator(_text)]


class SignIn(BaseModel):
    """The body of login. A code for a second factor is passed over: there is none."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    user: Annotated[str, BeforeValidator(_user)] = ""
    username: Text = ""
    email: Text = ""
    password: Text = ""

    @property
    def name(self) -> str:
        """Whichever of the three was said."""
        return self.user or self.username or self.email


class Email(Reply):
    """An address of one's own."""

    address: str
    verified: bool = True


class Me(Reply):
    """Who is logged in."""

    id: str = Field(serialization_alias="_id")
    name: str
    username: str
    emails: list[Email]
    roles: list[str]
    active: Literal[True] = True


class Session(Reply):
    """The two headers of every later request, and whose they are."""

    user_id: str = Field(serialization_alias="userId")
    auth_token: str = Field(serialization_alias="authToken")
    me: Me


class LoggedIn(Reply):
    """A token in its envelope."""

    status: Literal["success"] = "success"
    data: Session
    success: Literal[True] = True

    @classmethod
    def of(cls, credential: Credential, token: str, username: str) -> "LoggedIn":
        emails = [Email(address=sender) for sender in credential.senders if not sender.startswith("@")]
        roles = ["admin" if "send-mail" in credential.permissions else "user"]
        me = Me(id=credential.user, name=username, username=username, emails=emails, roles=roles)
        return cls(data=Session(user_id=credential.user, auth_token=token, me=me))


class Farewell(Reply):
    """What is said to whoever leaves."""

    message: Literal["You've been logged out!"] = "You've been logged out!"


class LoggedOut(Reply):
    """The end of a token in its envelope."""

    status: Literal["success"] = "success"
    data: Farewell = Farewell()
    success: Literal[True] = True
