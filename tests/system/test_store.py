"""Store: what was acknowledged stays, through crashes, passivation and backup."""

import concurrent.futures

import directory_file
import twilio_callbacks
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER
from scripted_carrier import refuse

THEM = "+15551230001"


def receive_many(broker, pairs, messages):
    """So many messages for so many pairs, concurrently; returns texts by outside address."""
    expected = {f"+1555125{place:04d}": [f"{place}/{count}" for count in range(messages)]
                for place in range(pairs)}

    def talk(them):
        for text in expected[them]:
            broker.receive(ALICE_NUMBER, them, text)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(talk, expected))
    return expected


def bodies_by_address(broker):
    return {conversation["peers"][0].removeprefix("sms:"):
            broker.api().bodies(conversation["id"])
            for conversation in broker.api().conversations(limit=1000)}


def test_everything_acknowledged_is_there_after_a_crash(broker):
    expected = receive_many(broker, pairs=40, messages=5)
    events = broker.api().events()
    broker.crash_and_restart()
    assert bodies_by_address(broker) == expected
    assert broker.api().events() == events


def test_everything_is_there_after_an_orderly_stop(broker):
    expected = receive_many(broker, pairs=40, messages=5)
    events = broker.api().events()
    assert broker.terminate() == 0
    broker.start()
    assert bodies_by_address(broker) == expected
    assert broker.api().events() == events


def test_the_store_verifies_after_a_crash_and_after_an_orderly_stop(broker):
    receive_many(broker, pairs=40, messages=5)
    broker.kill()
    broker.verify()
    broker.start()
    receive_many(broker, pairs=40, messages=2)
    assert broker.terminate() == 0
    broker.verify()


def test_a_running_brokers_store_can_be_verified(broker):
    receive_many(broker, pairs=20, messages=3)
    broker.verify()


def test_a_backup_of_a_running_broker_verifies_and_holds_what_was_acknowledged(
        broker, make_broker, tmp_path):
    expected = receive_many(broker, pairs=20, messages=3)
    copy = tmp_path / "copy" / "data.mdb"
    copy.parent.mkdir()
    result = broker.run_tool("backup", "--data", broker.data, "--to", copy)
    assert result.returncode == 0, result.stdout + result.stderr
    receive_many(broker, pairs=5, messages=1)
    broker.verify(copy.parent)
    restored = make_broker()
    restored.data.mkdir()
    copy.rename(restored.data / "data.mdb")
    restored.start()
    assert bodies_by_address(restored) == expected


def test_a_backup_does_not_overwrite(broker, tmp_path):
    existing = tmp_path / "precious"
    existing.write_text("keep me")
    result = broker.run_tool("backup", "--data", broker.data, "--to", existing)
    assert result.returncode != 0
    assert existing.read_text() == "keep me"


def flip_a_bit(file, where):
    """Damages these bytes wherever the file has them: old copies of a page may lie about."""
    content = bytearray(file.read_bytes())
    place = content.find(where)
    assert place > 0
    while place > 0:
        content[place] ^= 0x01
        place = content.find(where, place)
    file.write_bytes(content)


def test_a_flipped_bit_is_found_and_named(broker):
    broker.receive(ALICE_NUMBER, THEM, "a text that is easily found in the file")
    assert broker.terminate() == 0
    flip_a_bit(broker.data / "data.mdb", b"easily found in the file")
    result = broker.run_tool("verify", "--data", broker.data)
    assert result.returncode == 1
    assert "journal" in result.stdout + result.stderr


def test_a_message_that_is_damaged_in_the_outbox_holds_up_no_other(make_broker, carrier):
    # A tail of one event: what came before is not looked at by a start.
    broker = make_broker(config={"store": {"tail_events_max": 1}},
                         provision=directory_file.directory(api_base=carrier.api_base)).start()
    for them in (THEM, "+15551230002"):
        broker.receive(ALICE_NUMBER, them, "Hello")
    # The number pauses, so both replies are still in the outbox when the broker ends.
    carrier.then(refuse(429, 20429, **{"Retry-After": "600"}))
    for them in (THEM, "+15551230002"):
        broker.api().replied(broker.conversation_with(them)["id"], f"a text for {them} to be found")
    waiting.until(carrier.received, "the first attempt")
    broker.receive(SUPPORT_NUMBER, "+15551230003", "This is now the tail")
    broker.receive(SUPPORT_NUMBER, "+15551230004", "This is now the tail")
    assert broker.terminate() == 0
    flip_a_bit(broker.data / "data.mdb", f"a text for {THEM} to be found".encode())
    broker.start()
    waiting.until(lambda: len(carrier.received()) > 1, "the sound reply")
    assert carrier.received()[-1]["To"] == "+15551230002"
    assert "a message cannot be sent" in broker.log.read_text()


def test_a_directory_that_is_served_already_is_refused(broker, make_broker):
    second = make_broker()
    second.data = broker.data
    second.launch()
    assert second.process.wait(timeout=60) != 0
    broker.receive(ALICE_NUMBER, THEM, "still served")


def test_passivation_loses_nothing(make_broker):
    broker = make_broker(config={"residency": {"conversations_max": 4}}).start()
    expected = receive_many(broker, pairs=60, messages=6)
    assert bodies_by_address(broker) == expected
    assert broker.terminate() == 0
    broker.verify()


def test_dedupe_outlives_passivation(make_broker):
    broker = make_broker(config={"residency": {"conversations_max": 2}}).start()
    sid = broker.receive(ALICE_NUMBER, THEM, "once")
    receive_many(broker, pairs=40, messages=2)
    broker.receive(ALICE_NUMBER, THEM, "once", sid=sid)
    assert broker.api().bodies(broker.conversation_with(THEM)["id"]) == ["once"]


def test_messages_that_race_with_passivation_are_all_kept_in_order(make_broker):
    broker = make_broker(config={"residency": {"conversations_max": 1}}).start()
    expected = receive_many(broker, pairs=16, messages=25)
    assert bodies_by_address(broker) == expected
    broker.crash_and_restart()
    assert bodies_by_address(broker) == expected
    broker.kill()
    broker.verify()


def test_a_long_history_survives_crashes_with_small_snapshots_of_it_in_between(make_broker):
    broker = make_broker(config={"residency": {"conversations_max": 1}}).start()
    texts = []
    for part in range(3):
        for count in range(70):
            texts.append(f"{part}.{count}")
            broker.receive(SUPPORT_NUMBER, THEM, texts[-1])
        broker.receive(SUPPORT_NUMBER, f"+1555126000{part}", "passer-by")
        broker.crash_and_restart()
    conversation = broker.conversation_with(THEM)
    assert broker.api().bodies(conversation["id"]) == texts
    assert conversation["last_index"] == len(texts)


def test_starting_a_broker_that_was_killed_while_it_started_loses_nothing(broker):
    expected = receive_many(broker, pairs=20, messages=3)
    for _ in range(8):
        broker.kill()
        broker.launch()
    broker.kill()
    broker.start()
    assert bodies_by_address(broker) == expected
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "goes on")
    assert broker.callback("inbound", parameters).status == 200
