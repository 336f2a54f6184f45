"""Response headers of our own. The clients of the four products ignore them."""


def record_headers(*, is_new: bool) -> dict[str, str]:
    """Whether a request for a suppression created a record, or found one for the same address and scope."""
    return {"X-Optout-Record": "created" if is_new else "existing"}
