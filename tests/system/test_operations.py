"""Operations: configuration, metrics, health, and an orderly end."""

import concurrent.futures
import pathlib
import re
import subprocess

import pytest

import broker_process
import directory_file
import twilio_callbacks
from directory_file import ALICE_NUMBER

THEM = "+15551230001"


def ends_refused(broker):
    """Starts a broker that must refuse to run; returns what it printed."""
    broker.launch()
    status = broker.process.wait(timeout=60)
    assert status not in (0, None) and status > 0, f"exit status {status}"
    assert "listening on" not in broker.printed()
    return broker.printed()


def line_of(text, part):
    """The number of the line with that part."""
    number, = [count for count, line in enumerate(text.splitlines(), 1) if part in line]
    return number


@pytest.mark.parametrize("section, key", [("limits", "comands_in_flight_max"),
                                          ("no_such_section", "key")])
def test_an_unknown_configuration_key_is_refused_with_its_name_and_line(make_broker, section, key):
    broker = make_broker(config={section: {key: 1}})
    printed = ends_refused(broker)
    assert (key if section == "limits" else section) in printed
    lines = {line_of(broker.config.read_text(), part) for part in (f"{key} =", f"[{section}]")}
    assert any(re.search(rf"\b{line}\b", printed) for line in lines), printed


def test_a_configuration_value_of_the_wrong_type_is_refused_with_its_line(make_broker):
    broker = make_broker(config={"limits": {"commands_in_flight_max": "many"}})
    printed = ends_refused(broker)
    line = line_of(broker.config.read_text(), "commands_in_flight_max")
    assert "commands_in_flight_max" in printed and re.search(rf"\b{line}\b", printed)


def test_a_configuration_that_is_no_toml_is_refused_with_its_line(make_broker):
    broker = make_broker()
    broker.config.write_text("[limits]\nthis is = not = toml\n")
    assert re.search(r"\b2\b", ends_refused(broker))


def test_the_shipped_configuration_is_accepted(make_broker):
    broker = make_broker()
    shipped = broker_process.project_root() / "config" / "parley.toml"
    broker.config.write_text(shipped.read_text())
    broker.start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")


def test_a_configuration_file_that_does_not_exist_is_refused_by_name(make_broker):
    broker = make_broker()
    broker.config.unlink()
    assert "parley.toml" in ends_refused(broker)


def test_applying_the_same_directory_again_changes_nothing(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    events = broker.api().events()
    conversation = broker.conversation_with(THEM)
    for _ in range(2):
        assert broker.terminate() == 0
        broker.start()
    assert broker.api().events() == events
    assert broker.conversation_with(THEM) == conversation
    broker.receive(ALICE_NUMBER, THEM, "Hello again")


def test_a_changed_directory_takes_effect_at_the_next_start(broker):
    broker.receive(directory_file.SPARE_NUMBER, THEM, "Anybody?")
    assert broker.terminate() == 0
    broker.provision.write_text(directory_file.directory(default_inbox="support"))
    broker.start()
    broker.receive(directory_file.SPARE_NUMBER, "+15551230002", "Now?")
    assert broker.conversation_with("+15551230002")["team"] == "support"
    assert broker.conversation_with(THEM)["participants"] == []


@pytest.mark.parametrize("old, new, named", [
    ('inbox = "support"', 'inbox = "nobody"', "nobody"),
    ('user = "alice"', 'user = "mallory"', "mallory"),
    ('link = "tw-other"', 'link = "tw-gone"', "tw-gone"),
    ('members = ["alice", "bob", "carol"]', 'members = ["alice", "zoe"]', "zoe"),
    ('extension = "101"', 'extention = "101"', "extention"),
    ('channels = ["sms"]\n  link = "tw-other"', 'channels = "sms"\n  link = "tw-other"',
     "channels"),
    ('licence = "standard"', 'licence = "gold"', "gold"),
    ('time_zone = "Europe/Berlin"', 'time_zone = 7', "time_zone"),
    ('address = "+15550200001"', 'address = "no number"', "no number"),
], ids=["inbox", "user", "link", "member", "unknown key", "wrong type", "licence", "zone",
        "address"])
def test_a_bad_directory_is_refused_with_its_line_and_nothing_of_it_is_applied(
        broker, old, new, named):
    assert broker.terminate() == 0
    good = broker.provision.read_text()
    bad = good.replace('key = "demo-key"', 'key = "new-key"').replace(old, new)
    assert bad.count(new) >= 1
    broker.provision.write_text(bad)
    printed = ends_refused(broker)
    line = line_of(bad, new.split("\n")[0] if new.count("\n") == 0 else 'channels = "sms"')
    near = [str(number) for number in range(line - 4, line + 1)]
    assert named in printed, printed
    assert any(re.search(rf"\b{number}\b", printed) for number in near), (line, printed)
    broker.provision.write_text(good)
    broker.start()
    assert broker.api("new-key").get("/v1/conversations").status == 401
    assert broker.api().get("/v1/conversations").status == 200


METRIC = re.compile(
    r"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\n]|\\[\\\"n])*\",?)*\})?"
    r" (NaN|[+-]Inf|[+-]?[0-9.]+([eE][+-]?[0-9]+)?)( [0-9]+)?$")
COMMENT = re.compile(r"^# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* .*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* "
                     r"(counter|gauge|histogram|summary|untyped))$")


def metrics(broker):
    """The metrics page as a dictionary; every line must be in Prometheus' text format."""
    answer = broker.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    values = {}
    for line in answer.body.decode().splitlines():
        if line.startswith("#"):
            assert COMMENT.match(line), line
        elif line:
            assert METRIC.match(line), line
            name, _, value = line.rpartition(" ")
            assert name not in values, f"{name} twice"
            values[name] = float(value)
    return values


def test_metrics_are_in_the_text_format_and_move_with_the_work(broker):
    before = metrics(broker)
    assert before and any(name.startswith("parley_") for name in before)
    for count in range(7):
        broker.receive(ALICE_NUMBER, THEM, f"message {count}")
    after = metrics(broker)
    assert any(after[name] - before.get(name, 0) == 7 for name in after)


def test_metrics_and_logs_hold_no_secret(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    broker.api("a-wrong-key").get("/v1/conversations")
    shown = broker.get("/metrics").body.decode() + broker.printed()
    for secret in (directory_file.TOKEN, directory_file.KEY, directory_file.OTHER_TOKEN):
        assert secret not in shown
    for file in filter(pathlib.Path.is_file, broker.data.rglob("*")):
        assert directory_file.KEY.encode() not in file.read_bytes(), file


def test_health_and_readiness_answer_without_a_key(broker):
    assert broker.get("/healthz").status == 200
    assert broker.get("/readyz").status == 200


def test_sigterm_ends_an_idle_broker_with_exit_status_0(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    assert broker.terminate() == 0


def test_sigterm_under_load_finishes_what_it_acknowledges_and_exits_0(broker):
    def post(count):
        parameters = twilio_callbacks.inbound(ALICE_NUMBER, f"+1555129{count % 50:04d}", "x")
        try:
            status = broker.callback("inbound", parameters).status
        except OSError:
            status = 0
        except Exception as error:  # pylint: disable=broad-except
            assert "http.client" in type(error).__module__, error
            status = 0
        return parameters["MessageSid"], status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        posts = [pool.submit(post, count) for count in range(600)]
        # The signal comes when some have been acknowledged and most have not been sent.
        for done in posts[:60]:
            done.result()
        assert broker.terminate() == 0
        results = [done.result() for done in posts]
    acknowledged = {sid for sid, status in results if status == 200}
    assert len(acknowledged) >= 60
    assert {status for _, status in results} <= {0, 200, 503}
    broker.verify()
    broker.start()
    kept = {event["data"]["provider_id"]
            for event in broker.api().events(types="conversation.message.created")}
    assert acknowledged <= kept


def test_sigterm_with_open_streams_and_waiting_sends_ends_with_exit_status_0(
        make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base,
                                                            rate=0.1)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    for count in range(5):
        broker.api().replied(conversation, f"reply {count}")
    assert broker.terminate() == 0
    broker.verify()


def test_the_program_says_what_it_can_do():
    program = str(broker_process.binaries() / "parley")
    result = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60,
                            check=False)
    assert result.returncode == 0
    for command in ("serve", "backup", "verify"):
        assert command in result.stdout
    result = subprocess.run([program, "no-such-command"], capture_output=True, text=True,
                            timeout=60, check=False)
    assert result.returncode != 0
