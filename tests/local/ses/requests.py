"""Valid requests; each test changes one detail."""

import json
from typing import Any

Json = Any


def email(to: str = "reader@example.org", **simple: Json) -> dict[str, Json]:
    content = {"Subject": {"Data": "News"}, "Body": {"Text": {"Data": "Hello"}, "Html": {"Data": "<p>Hello</p>"}}}
    return {
        "FromEmailAddress": "news@example.com",
        "Destination": {"ToAddresses": [to]},
        "Content": {"Simple": content | simple},
        "ConfigurationSetName": "mailer",
    }


def entry(to: str, headers: Json = None, tags: Json = None, **data: Json) -> dict[str, Json]:
    replacement = {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"name": "Ada"} | data)}}
    value: dict[str, Json] = {"Destination": {"ToAddresses": [to]}, "ReplacementEmailContent": replacement}
    if headers:
        value["ReplacementHeaders"] = [{"Name": name, "Value": text} for name, text in headers.items()]
    if tags:
        value["ReplacementTags"] = [{"Name": name, "Value": text} for name, text in tags.items()]
    return value


def bulk(*entries: Json) -> dict[str, Json]:
    template = {"Subject": "Hi {{name}}", "Text": "Dear {{name}}", "Html": "<p>Dear {{name}}</p>"}
    return {
        "FromEmailAddress": "news@example.com",
        "DefaultContent": {"Template": {"TemplateContent": template, "TemplateData": "{}"}},
        "BulkEmailEntries": list(entries),
        "ConfigurationSetName": "mailer",
    }
