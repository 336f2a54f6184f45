"""Ids in paths: unknown, malformed, foreign."""

import pytest

from optout import number
from tests.support.handlers import examples
from tests.support.handlers.calls import call
from tests.support.handlers.refusals import (
    ANYTHING,
    LETTERBUCKET_404,
    REPZO_400,
    REPZO_404,
    Refused,
    mirasvit_404,
    mirasvit_type,
)

UNKNOWN = examples.RECORD + 77

pytestmark = pytest.mark.usefixtures("nothing_stored")


def refused(function: str, path_id: str) -> Refused:
    answer = call(function, path_id=path_id)
    return answer.status, answer.json


@pytest.mark.parametrize("path_id", [*ANYTHING, examples.RECORD, "g" * 24, "6a8c51fa0000016f70746f7", "0x" + "a" * 22])
def test_repzo_an_id_that_is_not_24_hex_digits_is_invalid(path_id: object) -> None:
    assert refused("repzo.get", str(path_id)) == REPZO_400


@pytest.mark.parametrize("path_id", [number.to_object_id(UNKNOWN), "0" * 24, "f" * 24, "507f1f77bcf86cd799439011"])
def test_repzo_a_well_formed_id_of_nobody_is_not_found(path_id: str) -> None:
    assert refused("repzo.get", path_id) == REPZO_404


def test_repzo_the_digits_may_be_upper_case() -> None:
    assert call("repzo.get", path_id=number.to_object_id(examples.RECORD).upper()).status == 200


@pytest.mark.parametrize(
    "path_id", [*ANYTHING, number.to_uuid(UNKNOWN), "01890a5d-ac96-774b-bcce-b302099a8057", "0" * 32, "{}"]
)
@pytest.mark.parametrize("function", ["letterbucket.get", "letterbucket.update", "letterbucket.unsubscribe"])
def test_letterbucket_a_malformed_id_is_not_found_like_an_unknown_one(function: str, path_id: str) -> None:
    assert refused(function, path_id) == LETTERBUCKET_404


@pytest.mark.parametrize("path_id", [str(UNKNOWN), "0", "1", "99", "9" * 16, "9" * 5_000])
def test_mirasvit_a_number_of_nobody_is_not_found(path_id: str) -> None:
    assert refused("mirasvit.get", path_id) == mirasvit_404(path_id)


def test_mirasvit_digits_behind_the_number_of_a_record_are_not_dropped() -> None:
    path_id = f"{examples.RECORD:017d}99"
    assert refused("mirasvit.get", path_id) == mirasvit_404(path_id)


@pytest.mark.parametrize("path_id", ["x", "-1", "1.5", "NaN", "1e3", "٣٣", "²", "abc", "0x10"])
def test_mirasvit_an_id_that_is_no_integer_is_of_the_wrong_type(path_id: str) -> None:
    assert refused("mirasvit.get", path_id) == mirasvit_type("id", "int")


def test_a_record_of_another_workspace_is_not_found() -> None:
    foreign = examples.OTHER_RECORD
    assert refused("repzo.get", number.to_object_id(foreign)) == REPZO_404
    assert refused("mirasvit.get", str(foreign)) == mirasvit_404(str(foreign))
    for function in ("letterbucket.get", "letterbucket.update", "letterbucket.unsubscribe"):
        assert refused(function, number.to_uuid(examples.OTHER_SUBSCRIBER)) == LETTERBUCKET_404


def test_a_subscriber_of_another_newsletter_is_not_found() -> None:
    for function in ("letterbucket.get", "letterbucket.update", "letterbucket.unsubscribe"):
        answer = call(function, credentials=examples.OTHER_NEWSLETTER)
        assert (answer.status, answer.json) == LETTERBUCKET_404
