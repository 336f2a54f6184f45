"""The ledger of a campaign: how a chunk is divided into blocks."""

import pytest

from optout.campaigns.ledger import Chunk, Recipient


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (50, [50]), (51, [50, 1]), (250, [50] * 5)])
def test_a_block_has_at_most_the_50_recipients_of_one_bulk_call(count: int, sizes: list[int]) -> None:
    recipients = [Recipient(at, f"p{at}@example.com", "Ada") for at in range(count)]
    blocks = Chunk(0, recipients, None).blocks()
    assert [len(block.positions) for block in blocks] == sizes
    assert [at for block in blocks for at in block.positions] == list(range(count))
