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


def test_a_holiday_of_today_closes_an_inbox_that_is_open_all_week(broker):
    api = broker.api()
    made(api, "/v1/business-hours", id="shop", time_zone=ZONE, periods=[ALL_WEEK])
    changed(api, "/v1/inboxes/support", business_hours="shop", auto_reply="One moment",
            auto_replies=[{"text": "We are closed", "when": {"hours": "outside"}},
                          {"text": "We are open", "when": {"hours": "inside"}}])
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    assert api.bodies(broker.conversation_with(THEM)["id"]) == ["Hello", "We are open"]
    changed(api, "/v1/business-hours/shop", holidays=days_around_now())
    broker.provision.write_text("")  # It would win over what the API has changed.
    broker.crash_and_restart()
    broker.receive(SUPPORT_NUMBER, "+15551230002", "Hello")
    assert api.bodies(broker.conversation_with("+15551230002")["id"]) == ["Hello", "We are closed"]
    changed(api, "/v1/business-hours/shop", holidays=[])
    broker.receive(SUPPORT_NUMBER, "+15551230003", "Hello")
    assert api.bodies(broker.conversation_with("+15551230003")["id"]) == ["Hello", "We are open"]


def test_a_holiday_is_a_date_of_the_hours_own_time_zone(broker):
    api = broker.api()
    made(api, "/v1/rules", id="closed", when={"hours": "outside"}, labels=["closed"])
    # 25 hours apart: at no moment do these two zones have the same date.
    ahead, behind = "Pacific/Kiritimati", "Pacific/Pago_Pago"
    there = datetime.datetime.now(zoneinfo.ZoneInfo(ahead)).date()
    both = [(there + datetime.timedelta(days=days)).isoformat() for days in (0, 1)]
    for zone, place, labels in ((ahead, 1, ["closed"]), (behind, 2, [])):
        made(api, "/v1/business-hours", id=f"zone-{place}", time_zone=zone, periods=[ALL_WEEK],
             holidays=both)
        changed(api, "/v1/inboxes/support", business_hours=f"zone-{place}")
        broker.receive(SUPPORT_NUMBER, f"+1555123000{place}", "Hello")
        assert broker.conversation_with(f"+1555123000{place}")["labels"] == labels


def test_without_hours_of_its_own_an_inbox_keeps_the_organisations(closed):
    api, broker = closed
    changed(api, "/v1/inboxes/support",
            auto_replies=[{"text": "We are closed", "when": {"hours": "outside"}}])
    for sender, hours, bodies in (("+15551230001", "always", ["Hello"]),
                                  ("+15551230002", None, ["Hello", "We are closed"])):
        changed(api, "/v1/inboxes/support", business_hours=hours)
        broker.receive(SUPPORT_NUMBER, sender, "Hello")
        assert api.bodies(broker.conversation_with(sender)["id"]) == bodies
