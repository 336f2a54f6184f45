"""One route of the code answers several of the template: HEAD as GET, and a path with a slash at its end.

API Gateway has no route that ends in a slash. A greedy one, `/path/{proxy+}`, takes such a request, and everything
below the path, which no route of the code answers.
"""

import base64
from typing import Any

from optout.web.request import Event


def routed(event: Event) -> Event:
    """The event with the method and path of the code's route."""
    context, path = event["requestContext"], event["rawPath"].removesuffix("/")
    method = "GET" if context["http"]["method"] == "HEAD" else context["http"]["method"]
    http = {**context["http"], "method": method, "path": path}
    return {**event, "rawPath": path, "requestContext": {**context, "http": http}}


def for_method(event: Event, response: dict[str, Any]) -> dict[str, Any]:
    """The response itself, or for HEAD its status and headers with the length of the body (RFC 9110 9.3.2)."""
    if event["requestContext"]["http"]["method"] != "HEAD":
        return response
    body = response["body"].encode()
    length = len(base64.b64decode(body) if response["isBase64Encoded"] else body)
    headers = {**response["headers"], "Content-Length": str(length)}
    return {**response, "headers": headers, "body": "", "isBase64Encoded": False}
