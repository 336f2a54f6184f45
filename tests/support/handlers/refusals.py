"""How each endpoint refuses, word by word."""

from typing import Any

from tests.support.handlers.calls import ENDPOINTS

Refused = tuple[int, dict[str, Any]]

UNAUTHENTICATED: dict[str, Refused] = {
    "repzo": (401, {"success": False, "error": "Authentication required"}),
    "letterbucket": (401, {"success": False, "code": "unauthorized", "message": "Invalid API key."}),
    "mirasvit": (
        401,
        {
            "message": "The consumer isn't authorized to access %resources.",
            "parameters": {"resources": "Mirasvit_Email::email"},
        },
    ),
    "rocketchat": (
        401,
        {
            "success": False,
            "error": "You must be logged in to do this.",
            "status": "error",
            "message": "You must be logged in to do this.",
        },
    ),
    "native": (
        401,
        {"error": {"code": "unauthenticated", "message": "A valid key is required: Authorization: Bearer KEY."}},
    ),
}

UNAVAILABLE: dict[str, dict[str, Any]] = {
    "repzo": {"success": False, "error": "Service unavailable"},
    "letterbucket": {
        "success": False,
        "code": "service_unavailable",
        "message": "The service is temporarily unavailable.",
    },
    "mirasvit": {"message": "Service temporarily unavailable."},
    "rocketchat": {"success": False, "error": "Service unavailable"},
    "native": {
        "error": {
            "code": "unavailable",
            "message": "The service is temporarily unavailable. Do not send; try again later.",
        }
    },
}


def _params(text: str) -> Refused:
    return 400, {"success": False, "errorType": "invalid-params", "error": text}


NO_SENDER = _params("must have required property 'from'")
NO_ID = _params("must have required property '_id'")
REPZO_400: Refused = 400, {"success": False, "error": "Invalid request parameters"}
REPZO_404: Refused = 404, {"success": False, "error": "Resource not found"}
REPZO_422: Refused = 422, {"success": False, "error": "Validation failed"}
LETTERBUCKET_400: Refused = (
    400,
    {"success": False, "code": "validation_error", "message": "The request contains invalid data."},
)
LETTERBUCKET_404: Refused = 404, {"success": False, "code": "not_found", "message": "Subscriber not found."}
MIRASVIT_DECODING: Refused = 400, {"message": "Decoding error."}

UNREADABLE: dict[str, Refused] = {
    "repzo.check": REPZO_400,
    "repzo.create": REPZO_400,
    "repzo.remove": REPZO_400,
    "letterbucket.create": LETTERBUCKET_400,
    "letterbucket.update": LETTERBUCKET_400,
    "mirasvit.create": MIRASVIT_DECODING,
    # Its router treats a body that it cannot parse as an empty object.
    "rocketchat.send": NO_SENDER,
    "rocketchat.unsubscribe": NO_ID,
}

TOO_LARGE: dict[str, Refused] = {
    "repzo": (413, {"success": False, "error": "Invalid request parameters"}),
    "letterbucket": (
        413,
        {"success": False, "code": "validation_error", "message": "The request body is too large."},
    ),
    "mirasvit": (413, {"message": "The request body is too large."}),
    "rocketchat": (413, {"success": False, "error": "Request entity too large"}),
}


def letterbucket_422(**errors: str) -> Refused:
    """One complaint per field."""
    by_field = {field: [text] for field, text in errors.items()}
    return 422, {
        "success": False,
        "code": "validation_error",
        "message": "The request contains invalid data.",
        "errors": by_field,
    }


def mirasvit_required(field: str) -> Refused:
    return 400, {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": field}}


def mirasvit_type(field: str, wanted: str) -> Refused:
    text = 'The "%1" value\'s type is invalid. The "%2" type was expected. Verify and try again.'
    return 400, {"message": text, "parameters": [field, wanted]}


MIRASVIT_EMAIL: Refused = (
    400,
    {"message": '"%fieldName" is not a valid email address.', "parameters": {"fieldName": "email"}},
)


def mirasvit_404(number: str) -> Refused:
    return 404, {"message": 'The unsubscription with the "%1" ID doesn\'t exist.', "parameters": [number]}


NO_OBJECT: dict[str, Refused] = {
    "repzo.check": REPZO_400,
    "repzo.create": REPZO_422,
    "repzo.remove": REPZO_400,
    "letterbucket.create": LETTERBUCKET_400,
    "letterbucket.update": LETTERBUCKET_400,
    "mirasvit.create": mirasvit_type("unsubscription", "object"),
    "rocketchat.send": _params("must be object"),
    "rocketchat.unsubscribe": _params("must be object"),
}

NO_BODY: dict[str, Refused] = {
    **NO_OBJECT,
    "mirasvit.create": mirasvit_required("unsubscription"),
    "rocketchat.send": NO_SENDER,
    "rocketchat.unsubscribe": NO_ID,
}


UNREADABLE_BODIES: dict[str, str | bytes] = {
    "cut off": '{"email": ',
    "not JSON": "email=left@reader.example",
    "a trailing comma": '{"email": "a@b.example",}',
    "NUL": '{"email": "a\\u0000@b.example", "from": "\\u0000", "_id": "\\u0000"}',
    "a raw NUL": '{"email": "a\x00@b.example"}',
    "a lone surrogate": '{"email": "\\ud800@b.example", "_id": "\\ud800"}',
    "a lone surrogate as a name": '{"\\udfff": 1}',
    "deep arrays": "[" * 100_000,
    "deep objects": '{"a":' * 2_000 + "1" + "}" * 2_000,
    "NaN": '{"email": NaN}',
    "infinity": '{"email": -Infinity}',
    "a float out of range": '{"trigger_id": 1e400}',
    "an integer of 5,000 digits": f'{{"trigger_id": {"9" * 5_000}}}',
}
NOT_UTF_8: dict[str, bytes] = {
    "Latin-1": '{"email": "jos\u00e9@b.example"}'.encode("latin-1"),
    "not UTF-8": b'{"email": "\xff\xfe@b.example"}',
    "UTF-16": '{"email": "a@b.example"}'.encode("utf-16"),
}
WRONG_ENCODING: dict[str, Refused] = {
    "repzo": (400, {"success": False, "error": "Invalid request parameters: the body is not UTF-8"}),
    "letterbucket": (
        400,
        {"success": False, "code": "validation_error", "message": "The request body is not UTF-8."},
    ),
    "mirasvit": (400, {"message": "Decoding error: the body is not UTF-8."}),
    "rocketchat": _params("The body is not UTF-8."),
}


ANYTHING = ["x", "0", "-1", "1.5", "%00", "..", "é", "'; --", "a" * 2_000, "9" * 5_000, "NaN", " ", "٣٣", "²"]


OPEN = {"mirasvit.token", "rocketchat.login"}  # the logins


GUARDED = [function for function in ENDPOINTS if function.partition(".")[0] in UNAUTHENTICATED and function not in OPEN]
