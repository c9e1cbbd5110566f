"""Business hours: periods, time zones and holidays decide what rules and texts do (mission 4.9)."""

import datetime
import zoneinfo

import pytest

from directory_file import SUPPORT_NUMBER

THEM = "+15551230001"
ZONE = "Asia/Kolkata"
ALL_WEEK = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00",
            "to": "24:00"}


def made(api, path, **members):
    answer = api.post(path, members)
    assert answer.status == 201, answer


def changed(api, path, **members):
    answer = api.request("PATCH", path, body=members)
    assert answer.status == 200, answer


def days_around_now():
    """Today in the zone, and its neighbours: midnight may pass while the test runs."""
    today = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE)).date()
    return [(today + datetime.timedelta(days=days)).isoformat() for days in (-1, 0, 1)]


@pytest.fixture
def closed(broker):
    """A broker whose organisation has hours all week, and is closed for the holidays of now."""
    api = broker.api()
    made(api, "/v1/business-hours", id="office", time_zone=ZONE, periods=[ALL_WEEK],
         holidays=days_around_now())
    made(api, "/v1/business-hours", id="always", time_zone=ZONE, periods=[ALL_WEEK])
    changed(api, "/v1/organization", business_hours="office")
    return api, broker


def test_a_rule_holds_outside_business_hours_and_not_inside(closed):
    api, broker = closed
    made(api, "/v1/rules", id="night", position=1, when={"hours": "outside"}, labels=["night"])
    made(api, "/v1/rules", id="day", position=2, when={"hours": "inside"}, labels=["day"])
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    assert broker.conversation_with(THEM)["labels"] == ["night"]
    changed(api, "/v1/inboxes/support", business_hours="always")
    broker.receive(SUPPORT_NUMBER, "+15551230002", "Hello")
    assert broker.conversation_with("+15551230002")["labels"] == ["day"]


def test_an_inbox_answers_with_another_text_outside_its_hours(closed):
    api, broker = closed
    changed(api, "/v1/inboxes/support", auto_reply="One moment",
            auto_replies=[{"text": "We are closed", "when": {"hours": "outside"}}])
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    assert api.bodies(broker.conversation_with(THEM)["id"]) == ["Hello", "We are closed"]
    changed(api, "/v1/inboxes/support", business_hours="always")
    broker.receive(SUPPORT_NUMBER, "+15551230002", "Hello")
    assert api.bodies(broker.conversation_with("+15551230002")["id"]) == ["Hello", "One moment"]


def test_hours_that_something_uses_are_not_removed(closed):
    api, _ = closed
    refused = api.request("DELETE", "/v1/business-hours/office")
    assert (refused.status, refused.code) == (409, "in_use")
