"""Request and reply models of Rocket.Chat's login and logout."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from optout.access.credential import Credential
from optout.runtime.fields import Reply


def _text(value: Any) -> str:
    """Any other type counts as an empty text, so that it gets the same response as a wrong name or password."""
    return value if isinstance(value, str) else ""


def _user(value: Any) -> str:
    """A name, or an object with ``username`` or ``email``."""
    return _text(value.get("username")) or _text(value.get("email")) if isinstance(value, dict) else _text(value)


Text = Annotated[str, BeforeValidator(_text)]


class SignIn(BaseModel):
    """The body of login. The code of a second factor is ignored, because there is none."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    user: Annotated[str, BeforeValidator(_user)] = ""
    username: Text = ""
    email: Text = ""
    password: Text = ""

    @property
    def name(self) -> str:
        """The first of the three that is set."""
        return self.user or self.username or self.email


class Email(Reply):
    """An email address of the user."""

    address: str
    verified: bool = True


class Me(Reply):
    """The user who is logged in."""

    id: str = Field(serialization_alias="_id")
    name: str
    username: str
    emails: list[Email]
    roles: list[str]
    active: Literal[True] = True


class Session(Reply):
    """The user id and token, which later requests send as headers, and the user."""

    user_id: str = Field(serialization_alias="userId")
    auth_token: str = Field(serialization_alias="authToken")
    me: Me


class LoginReply(Reply):
    """The reply to a login."""

    status: Literal["success"] = "success"
    data: Session
    success: Literal[True] = True

    @classmethod
    def of(cls, credential: Credential, token: str, username: str) -> "LoginReply":
        emails = [Email(address=sender) for sender in credential.senders if not sender.startswith("@")]
        roles = ["admin" if "send-mail" in credential.permissions else "user"]
        me = Me(id=credential.user, name=username, username=username, emails=emails, roles=roles)
        return cls(data=Session(user_id=credential.user, auth_token=token, me=me))


class LogoutMessage(Reply):
    """The message after a logout."""

    message: Literal["You've been logged out!"] = "You've been logged out!"


class LogoutReply(Reply):
    """The reply to a logout."""

    status: Literal["success"] = "success"
    data: LogoutMessage = LogoutMessage()
    success: Literal[True] = True
