"""The files that other products write: nobody is added whom one of them says has left, or of whom it says nothing.

Each sample holds ten made-up people, one of them twice, and a malformed row.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from optout.imports import control
from optout.imports.job import State
from optout.imports.rejection import FileError
from tests.unit.imports.house import House

SAMPLES = Path(__file__).parent / "formats"
# Each file's rejected rows by reason, and those who are added, by the part of the address before the @.
READ: Mapping[str, tuple[dict[str, int], str]] = {
    "brevo-contacts": (
        {"blocked": 5, "left_in_another_row": 1, "bad_email": 1},
        "ivo.petrakis jana.muller livia.szabo nadia.ferro oskar.quill",
    ),
    "customerio-people": (
        {"unsubscribed": 4, "left_in_another_row": 1, "unknown_status": 2, "no_email": 1},
        "oskar.quill quentin.abara sven.toller umar.castellan",
    ),
    "ghost-members": (
        {"unsubscribed": 5, "left_in_another_row": 1, "unknown_status": 1},
        "greta.osterby hana.whitlock jana.muller livia.szabo milo.trench",
    ),
    "hubspot-unsubscribes-bounces": ({"unsubscribed": 7, "bounced": 3, "complained": 2}, ""),
    "keila-contacts": (
        {"unsubscribed": 4, "bounced": 2, "left_in_another_row": 1, "unknown_status": 1},
        "jana.muller livia.szabo nadia.ferro priya.anders",
    ),
    "klaviyo-suppressed": ({"bounced": 6, "blocked": 5, "no_email": 1}, ""),
    "letterbucket-subscribers": (
        {"unsubscribed": 4, "left_in_another_row": 1, "unconfirmed": 1},
        "bettina.krause corin.ashgrove selim.ardic wim.debacker xenia.rudd zoe.harrow",
    ),
    "listmonk-import": (
        {"blocked": 5, "left_in_another_row": 1, "broken_quote": 1},
        "dmitri.halloran esra.lindqvist greta.osterby ivo.petrakis kofi.brandt",
    ),
    "listmonk-subscribers": ({"blocked": 5, "unknown_status": 7}, ""),
    "magento-subscribers": (
        {"unsubscribed": 4, "left_in_another_row": 1, "unconfirmed": 2, "no_email": 1},
        "anneke.vos esra.lindqvist hana.whitlock ivo.petrakis",
    ),
    "mailchimp-cleaned": ({"bounced": 11, "no_email": 1}, ""),
    "mailchimp-nonsubscribed": ({"unconfirmed": 11, "too_many_columns": 1}, ""),
    "mailchimp-subscribed": (
        {"unconfirmed": 1},
        (
            "anneke.vos bram.okafor celia.duarte dmitri.halloran esra.lindqvist"
            " farid.moreau greta.osterby hana.whitlock ivo.petrakis jana.muller"
        ),
    ),
    "mailchimp-unsubscribed": ({"unsubscribed": 11, "bad_email": 1}, ""),
    "mailgun-bounces": ({"bounced": 12}, ""),
    "mailgun-complaints": ({"complained": 11, "bad_email": 1}, ""),
    "mailgun-unsubscribes": ({"unsubscribed": 12}, ""),
    "mautic-contacts": ({"unknown_status": 11, "no_email": 1}, ""),
    "mirasvit-unsubscriptions": ({"unsubscribed": 11, "bad_email": 1}, ""),
    "plain-de-semicolon": (
        {"unsubscribed": 6, "left_in_another_row": 1, "unknown_status": 1, "bad_email": 1},
        "jana.muller milo.trench priya.anders",
    ),
    "plain-status-words": (
        {
            "unsubscribed": 4,
            "bounced": 2,
            "complained": 1,
            "unconfirmed": 1,
            "unknown_status": 1,
            "left_in_another_row": 1,
            "bad_email": 1,
        },
        "helle.sand",
    ),
    "plain-us-dates": (
        {"unsubscribed": 5, "left_in_another_row": 1, "unknown_status": 1, "bad_email": 1},
        "milo.trench priya.anders rosa.kimura tamsin.boyle",
    ),
    "postmark-suppressions": ({"blocked": 5, "bounced": 4, "complained": 2, "bad_email": 1}, ""),
    "resend-contacts": (
        {"unsubscribed": 4, "left_in_another_row": 1, "unknown_status": 1, "too_many_columns": 1},
        "quentin.abara umar.castellan wim.debacker xenia.rudd zoe.harrow",
    ),
    "sendgrid-blocks": ({"bounced": 11}, ""),
    "sendgrid-bounces": ({"bounced": 12}, ""),
    "sendgrid-contacts": ({"unknown_status": 12}, ""),
    "sendgrid-global-unsubscribes": ({"unsubscribed": 12}, ""),
    "sendgrid-invalid-emails": ({"bounced": 9, "bad_email": 3}, ""),
    "sendgrid-spam-reports": ({"complained": 11, "no_email": 1}, ""),
    "ses-contact-list": (
        {"unsubscribed": 7, "left_in_another_row": 1, "too_many_columns": 1},
        "milo.trench sven.toller vera.nystrom",
    ),
    "usesend-contacts": (
        {
            "unsubscribed": 3,
            "bounced": 1,
            "complained": 1,
            "left_in_another_row": 1,
            "too_many_columns": 3,
            "no_email": 1,
        },
        "livia.szabo nadia.ferro",
    ),
}
HEADERLESS = ["plain-addresses", "rocketchat-unsubscribe", "ses-suppression-import", "ses-suppression-removal"]
# Nothing in them says that they are opt-outs: whoever imports them as subscribers vouches for them.
ADDRESSES_ONLY = ["hubspot-optout", "sendy-unsubscribed"]


@pytest.fixture
def house() -> House:
    return House()


def check(house: House, sample: str) -> Any:
    house.files.upload(house.number, (SAMPLES / f"{sample}.csv").read_bytes())
    house.ask(control.check)
    house.run()
    return house.job.check


@pytest.mark.parametrize("sample", READ)
def test_nobody_is_added_whom_an_export_says_has_left_or_of_whom_it_says_nothing(house: House, sample: str) -> None:
    reasons, added = READ[sample]
    assert check(house, sample).reasons == reasons
    house.add()
    assert sorted(email.partition("@")[0].lower() for email in house.emails) == added.split()


@pytest.mark.parametrize("sample", READ)
def test_the_addition_of_an_export_does_what_its_check_says(house: House, sample: str) -> None:
    checked = check(house, sample)
    assert house.add() == checked.tally
    assert house.job.addition
    assert house.job.addition.reasons == checked.reasons


@pytest.mark.parametrize("sample", HEADERLESS)
def test_a_file_without_a_header_is_not_read(house: House, sample: str) -> None:
    check(house, sample)
    assert (house.job.state, house.job.error) == (State.FAILED, FileError.NO_EMAIL_COLUMN)


@pytest.mark.parametrize("sample", ADDRESSES_ONLY)
def test_a_file_of_addresses_and_names_is_a_list_of_subscribers(house: House, sample: str) -> None:
    assert check(house, sample).tally.new == 10


def test_every_sample_has_its_counts() -> None:
    assert {path.stem for path in SAMPLES.iterdir()} == {*READ, *HEADERLESS, *ADDRESSES_ONLY}
