"""What a function logged can be read, and names nobody."""

from tests.flows.story import Story


def test_a_campaign_can_be_followed_in_the_logs_and_nobody_is_named_there(story: Story) -> None:
    story.subscribe()
    campaign = story.send()
    lines = story.stack.logs_tail("JobsDeliver", 200)
    assert any(str(campaign) in line and '"sent":' in line for line in lines)
    assert not any("@" in line for line in lines + story.stack.logs_tail("LetterbucketCreate", 200))
