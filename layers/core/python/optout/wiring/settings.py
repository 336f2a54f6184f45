"""Every environment variable that the code reads, typed, in one place."""

import os
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Settings:
    """The functions' environment variables, as template.yaml sets them. A missing variable is "" or 0.

    ``patience`` is set by the local stack alone: how many times longer than on AWS a call or a request may take, where
    fifty functions share one processor.
    """

    suppressions_table: str
    subscribers_table: str
    campaigns_table: str
    credentials_table: str
    limits_table: str
    expand_queue: str
    deliver_queue: str
    import_queue: str
    confirm_queue: str
    imports_bucket: str
    sent_bucket: str
    configuration_set: str
    public_url: str
    site_name: str
    link_keys: str
    address_pepper: str
    bad_keys: int
    patience: int

    @classmethod
    def from_env(cls) -> Self:
        def read(name: str) -> str:
            return os.environ.get(name, "")

        return cls(
            suppressions_table=read("SUPPRESSIONS_TABLE"),
            subscribers_table=read("SUBSCRIBERS_TABLE"),
            campaigns_table=read("CAMPAIGNS_TABLE"),
            credentials_table=read("CREDENTIALS_TABLE"),
            limits_table=read("LIMITS_TABLE"),
            expand_queue=read("EXPAND_QUEUE"),
            deliver_queue=read("DELIVER_QUEUE"),
            import_queue=read("IMPORT_QUEUE"),
            confirm_queue=read("CONFIRM_QUEUE"),
            imports_bucket=read("IMPORTS_BUCKET"),
            sent_bucket=read("SENT_BUCKET"),
            configuration_set=read("CONFIGURATION_SET"),
            public_url=read("PUBLIC_URL").rstrip("/"),
            site_name=read("SITE_NAME"),
            link_keys=read("LINK_KEYS"),
            address_pepper=read("ADDRESS_PEPPER"),
            bad_keys=int(read("BAD_KEYS") or 0),
            patience=int(read("PATIENCE") or 1),
        )
