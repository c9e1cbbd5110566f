"""Who may (mission 2): customer 1:1 over SMS is for every user; 1:group, team inboxes and WhatsApp
need the licence pro_cx. Who lacks it is refused by name, never silently dropped."""

import pytest

import directory_file
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


@pytest.fixture(name="broker")
def fixture_broker(make_broker):
    """carol's licence is standard; she may send from the spare number and from support's."""
    provision = directory_file.directory(caller_ids={SPARE_NUMBER: ["alice", "carol"],
                                                     SUPPORT_NUMBER: ["alice", "carol"]})
    return make_broker(provision=provision).start()


def licence(broker, user, value):
    answer = broker.api().request("PATCH", f"/v1/users/{user}", {"licence": value})
    assert answer.status == 200, answer


def refused_by_name(answer, user="carol"):
    """The refusal says what is missing and whose it is."""
    assert (answer.status, answer.code) == (403, "licence_required"), answer
    assert f"`{user}`" in answer.json()["detail"]
    return True


def own_of(broker, user, sender=SPARE_NUMBER, them=THEM):
    """A conversation that the user has started."""
    started = broker.api().start(sender, them, user=user, body="Hello")
    assert started.status == 201, started
    return started.json()["id"]


def team_conversation(broker):
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    return broker.conversation_with(THEM)["id"]


# -- customer 1:1 over SMS is for every user


@pytest.mark.parametrize("kind", ("standard", "pro", "pro_cx"))
def test_customer_one_to_one_over_sms_is_for_every_user(broker, kind):
    licence(broker, "carol", kind)
    api, own = broker.api(), own_of(broker, "carol")
    api.replied(own, "And more", user="carol")
    api.acted(own, "read", user="carol")
    api.acted(own, "labels", add=["mine"])
    note = api.post(f"/v1/conversations/{own}/messages",
                    {"user": "carol", "body": "Careful", "note": True})
    assert note.status == 201
    again = api.post("/v1/messages", {"from": SPARE_NUMBER, "to": THEM, "user": "carol",
                                      "body": "Again"})
    assert again.status == 201
    assert api.close(own, user="carol").status == 200


def test_a_customers_one_to_one_is_transferred_to_any_user(broker):
    own = own_of(broker, "alice")
    moved = broker.api().acted(own, "transfer", user="alice", to_user="carol")
    assert [who["user"] for who in moved["participants"]] == ["carol"]


# -- 1:group


def test_nobody_joins_another_users_conversation_without_the_licence(broker):
    api, own = broker.api(), own_of(broker, "alice")
    assert refused_by_name(api.act(own, "participants", user="carol"))
    licence(broker, "carol", "pro")
    assert refused_by_name(api.act(own, "participants", user="carol"))
    licence(broker, "carol", "pro_cx")
    assert api.acted(own, "participants", user="carol")["kind"] == "one_to_group"


def test_nobody_is_joined_who_lacks_the_licence(broker):
    own = own_of(broker, "carol")
    assert refused_by_name(broker.api().act(own, "participants", user="alice"))


def test_who_loses_the_licence_writes_in_no_conversation_of_several_users(broker):
    api, own = broker.api(), own_of(broker, "alice")
    api.acted(own, "participants", user="bob")
    licence(broker, "bob", "standard")
    assert refused_by_name(api.reply(own, "x", user="bob"), "bob")
    note = api.post(f"/v1/conversations/{own}/messages",
                    {"user": "bob", "body": "x", "note": True})
    assert refused_by_name(note, "bob")
    api.acted(own, "read", user="bob")
    assert api.remove_participant(own, "alice").status == 200
    api.replied(own, "Alone again", user="bob")


# -- team inboxes


def test_members_without_the_licence_are_left_out_of_what_the_inbox_gets(broker):
    conversation = broker.api().conversation(team_conversation(broker))
    assert [who["user"] for who in conversation["participants"]] == ["alice", "bob"]
    assert "parley_actors_members_left_out_total 1" in broker.get("/metrics").body.decode()


def test_nothing_of_a_team_inbox_is_done_or_given_without_the_licence(broker):
    api, conversation = broker.api(), team_conversation(broker)
    assert refused_by_name(api.act(conversation, "participants", user="carol"))
    assert refused_by_name(api.act(conversation, "transfer", to_user="carol"))
    assert refused_by_name(api.act(conversation, "claim", user="carol"))
    assert refused_by_name(api.start(SUPPORT_NUMBER, THEM, user="carol", body="x"))
    assert refused_by_name(api.start(SUPPORT_NUMBER, THEM, user="carol"))
    first = {"from": SUPPORT_NUMBER, "to": THEM, "user": "carol", "body": "x"}
    assert refused_by_name(api.post("/v1/messages", first))
    assert refused_by_name(api.reply(conversation, "x", user="carol"))


def test_who_loses_the_licence_neither_writes_nor_claims_in_a_team_inbox(broker):
    api, conversation = broker.api(), team_conversation(broker)
    licence(broker, "bob", "pro")
    assert refused_by_name(api.reply(conversation, "x", user="bob"), "bob")
    assert refused_by_name(api.act(conversation, "claim", user="bob"), "bob")


def test_who_loses_the_licence_can_hand_over(broker):
    api, conversation = broker.api(), team_conversation(broker)
    api.acted(conversation, "claim", user="bob")
    licence(broker, "bob", "standard")
    assert refused_by_name(api.reply(conversation, "x", user="bob"), "bob")
    api.acted(conversation, "release", user="bob")
    api.acted(conversation, "transfer", user="bob", to_user="alice")


def test_a_send_does_not_join_what_the_licence_is_not_for(broker):
    api, own = broker.api(), own_of(broker, "carol")
    moved = api.acted(own, "transfer", to_team="support")
    assert [who["user"] for who in moved["participants"]] == ["alice", "bob"]
    assert refused_by_name(api.start(SPARE_NUMBER, THEM, user="carol", body="x"))


def test_a_team_without_a_licence_is_given_nothing(broker):
    own = own_of(broker, "alice", sender=ALICE_NUMBER)
    licence(broker, "bob", "standard")
    refused = broker.api().act(own, "transfer", to_team="sales")
    assert refused.code == "licence_required" and "`sales`" in refused.json()["detail"]


# -- WhatsApp


@pytest.mark.parametrize("default_inbox", ("support", None))
def test_whatsapp_to_a_user_without_the_licence_does_not_vanish(make_broker, default_inbox):
    broker = make_broker(provision=directory_file.directory(default_inbox=default_inbox)).start()
    licence(broker, "alice", "standard")
    us, them = f"whatsapp:{ALICE_NUMBER}", f"whatsapp:{THEM}"
    broker.receive(us, them, "Hello")
    shown, = broker.api().conversations(address=them)
    assert (shown["team"], shown["unrouted"]) == (default_inbox, default_inbox is None)
    assert [who["user"] for who in shown["participants"]] == (["bob"] if default_inbox else [])
    broker.receive(ALICE_NUMBER, THEM, "Hello")  # By SMS she has it as ever.
    by_sms, = broker.api().conversations(address=f"sms:{THEM}")
    assert [who["user"] for who in by_sms["participants"]] == ["alice"]
