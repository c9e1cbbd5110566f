"""The README's walks are true: its commands are run as they stand, one section after the other."""

import re
import subprocess

import broker_process
import waiting

README = broker_process.project_root() / "README.md"
DEMONSTRATION = broker_process.project_root() / "config" / "demo.toml"
SECTIONS = ("A first callback", "A first reply", "A team inbox",
            "With several at once, and among themselves", "Work that finds its people",
            "Who wants messages", "Changing the directory")


def commands_of(text, section):
    """The command blocks below a heading."""
    below = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"```\n(.*?)```", below, re.DOTALL))


def test_the_commands_of_the_readme_do_what_it_says(make_broker):
    port = broker_process.reserve_port()
    provision = DEMONSTRATION.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    broker = make_broker(port=port, provision=provision).start()
    text = README.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    script = "\n".join(commands_of(text, section) for section in SECTIONS)
    result = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", script], capture_output=True,
                            text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "<Response/>" in result.stdout and '"code":"already_claimed"' in result.stdout
    api = broker.api()
    first, = api.conversations(address="+15551230002")
    assert api.bodies(first["id"]) == ["Do you have a table for two?", "Yes, at eight."]
    team, = api.conversations(address="+15551230003")
    assert api.bodies(team["id"]) == ["My parcel is late.", "Ask the depot first.",
                                      "It arrives tomorrow.", "Thank you!"]
    assert (team["claimed_by"], team["state"], team["labels"], team["snoozed_until"]) \
        == ("alice", "closed", ["parcel"], None)
    assert [who["user"] for who in team["participants"]] == ["alice"]
    started, = api.conversations(address="+15551230004")
    assert api.bodies(started["id"]) == ["Your table is ready.", "On my way"]
    assert [who["user"] for who in started["participants"]] == ["alice"]
    group, = api.conversations(address="+15551230011")
    assert api.bodies(group["id"]) == ["When shall we meet?", "At noon."]
    chat, = api.conversations(address="chat:bob")
    assert (api.bodies(chat["id"]), chat["subject"]) == (["Noon it is."], "The meeting")
    given, = api.conversations(address="+15551230006")
    waiting.until(lambda: api.conversation(given["id"])["claimed_by"] == "bob", "its being given")
    assert '"waiting": true' in result.stdout and '"matched":"urgent"' in result.stdout
    urgent, = api.conversations(address="+15551230007")
    assert (urgent["labels"], urgent["priority"]) == (["urgent"], "urgent")
    gold, = api.conversations(address="+15551230008")
    assert gold["labels"] == ["gold"] and gold["contact"] is not None
    assert api.bodies(gold["id"]) == ["Hello", "Hello Ann, one moment please.", "Our card",
                                      "Hello Ann, we are here."]
    card, = api.messages(gold["id"])[-2]["media"]
    assert card["file"] and card["content_type"] == "text/vcard"
    left, = api.conversations(address="+15551230012")
    said = [body.partition(" messages")[0] for body in api.bodies(left["id"])]
    assert said == ["Hello", "Stop!", "You will receive no more", "START", "You will receive our",
                    "Welcome back."]
    assert '"code":"opted_out"' in result.stdout
    assert [(one["address"], one["state"]) for one in api.items("/v1/consents")] == [
        ("sms:+15551230012", "opted_in"), ("sms:+15551230013", "opted_out")]
    dave, = api.conversations(address="+15551230005")
    assert [who["user"] for who in dave["participants"]] == ["dave"]
    assert '"code":"in_use"' in result.stdout and '"key":"pk_' in result.stdout
