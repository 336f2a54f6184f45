"""What a function logged can be read, and names nobody."""

from tests.flows.story import Story, wait_for


def test_a_campaign_can_be_followed_in_the_logs_and_nobody_is_named_there(story: Story) -> None:
    story.subscribe()
    campaign = story.send()

    def told() -> bool:
        lines = story.stack.logs_tail("JobsDeliver", 200)
        return any(str(campaign) in line and '"sent":' in line for line in lines)

    wait_for("the log", told)
    for function in ("JobsDeliver", "LetterbucketCreate"):
        assert not any("@" in line for line in story.stack.logs_tail(function, 200))
