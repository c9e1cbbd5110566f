"""R2: no acknowledgement after a failed write or flush; the broker says so, ends and recovers.

strace injects the fault into the broker's system calls. With `-D` the tracer is a child of the
broker, so that the process that a test starts, signals and waits for is the broker itself.
"""

import http.client
import json
import shutil
import subprocess
import threading

import pytest

import twilio_callbacks
from directory_file import ALICE_NUMBER, KEY

THEM = "+15551230001"

# When the fault comes: this call of its kind, counted by strace for each thread on its own.
FAULTS = {
    "EIO in a flush": "fdatasync:error=EIO:when=5+",
    "ENOSPC in a flush": "fdatasync:error=ENOSPC:when=5+",
    "ENOSPC in a write": "pwrite64,pwritev:error=ENOSPC:when=8+",
    "EIO in a write": "pwrite64,pwritev:error=EIO:when=9+",
    "a short write": "pwrite64,pwritev:retval=17:when=8+",
    "one EIO in a flush": "fdatasync:error=EIO:when=6",
}


def tracing_refused():
    """Why strace cannot inject faults here; empty when it can."""
    program = shutil.which("strace")
    if program is None:
        return "strace is not installed"
    # `sync FILE` flushes with fdatasync under -d: the injected error must reach it.
    result = subprocess.run(
        [program, "-D", "-f", "-o", "/dev/null", "-e", "trace=fdatasync",
         "-e", "inject=fdatasync:error=EIO", "sync", "-d", __file__],
        capture_output=True, text=True, timeout=60, check=False)
    if result.returncode == 0 or "Input/output error" not in result.stderr:
        return f"strace cannot inject faults here: {result.stderr.strip()[:200]}"
    return ""


REFUSED = tracing_refused()
pytestmark = pytest.mark.skipif(bool(REFUSED), reason=REFUSED)


def with_fault(broker, fault):
    """Restarts the broker so that its system calls fail as told."""
    calls = fault.partition(":")[0]
    log = broker.directory / "strace.log"
    # The leak checker of a sanitizer build cannot work beside a tracer.
    broker.start(wrapper=["strace", "-D", "-f", "-qq", "-o", str(log), "-e", f"trace={calls}",
                          "-e", f"inject={fault}", "-e", "signal=none"],
                 environment={"ASAN_OPTIONS": "detect_leaks=0"})
    return log


@pytest.mark.parametrize("directory", ["content", "records"])
def test_a_file_whose_name_cannot_be_flushed_is_not_acknowledged(broker, directory):
    assert broker.terminate() == 0
    broker.start(wrapper=["strace", "-D", "-f", "-qq", "-o", str(broker.directory / "strace.log"),
                          "-P", str(broker.data / "files" / directory), "-e", "trace=fsync",
                          "-e", "inject=fsync:error=EIO", "-e", "signal=none"],
                 environment={"ASAN_OPTIONS": "detect_leaks=0"})
    body = b"%PDF-1.7\n"
    connection = http.client.HTTPConnection(broker.host, broker.port, timeout=60)
    connection.request("POST", "/v1/files", body, {"Authorization": f"Bearer {KEY}"})
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (500, "internal")
    connection.close()
    assert "input/output error" in broker.printed().lower()


def stored_ids(broker):
    return [event["data"]["provider_id"]
            for event in broker.api().events(types="conversation.message.created")]


def post(broker, parameters):
    """The status of a callback's answer; 0 when none came."""
    try:
        return broker.callback("inbound", parameters).status
    except OSError:
        return 0


def ends_with_a_clear_message(broker, fault):
    """The process must end by itself, not as if all were well, and say what happened."""
    status = broker.process.wait(timeout=60)
    assert status > 0, f"it ended with {status}: neither well nor by a signal was asked for"
    printed = broker.printed().lower()
    words = {"error=EIO": ("input/output error",), "error=ENOSPC": ("no space left",),
             "retval=17": ("input/output error", "short write", "no space left")}
    expected, = [texts for part, texts in words.items() if part in fault]
    assert any(text in printed for text in expected), broker.printed()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_nothing_is_acknowledged_after_a_failed_write_and_nothing_acknowledged_is_lost(
        broker, fault):
    acknowledged = [broker.receive(ALICE_NUMBER, THEM, "before the fault")]
    assert broker.terminate() == 0
    log = with_fault(broker, fault)
    # One at a time: a batch holds one message, so the failed one is known exactly.
    failed = None
    for count in range(200):
        parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, f"message {count}")
        status = post(broker, parameters)
        if status != 200:
            failed = parameters
            break
        acknowledged.append(parameters["MessageSid"])
    assert failed is not None, "the fault was never met"
    assert "INJECTED" in log.read_text()
    assert post(broker, twilio_callbacks.inbound(ALICE_NUMBER, THEM, "afterwards")) != 200
    ends_with_a_clear_message(broker, fault)
    broker.verify()
    broker.start()
    assert stored_ids(broker)[:len(acknowledged)] == acknowledged
    # The carrier tries again: then it is there, once, whatever became of the first try.
    assert post(broker, failed) == 200
    assert stored_ids(broker).count(failed["MessageSid"]) == 1


@pytest.mark.parametrize("fault", ["fdatasync:error=EIO:when=20+",
                                   "pwrite64,pwritev:error=ENOSPC:when=40+"],
                         ids=["EIO in a flush", "ENOSPC in a write"])
def test_under_concurrent_load_everything_acknowledged_before_the_fault_is_there(broker, fault):
    broker.receive(ALICE_NUMBER, THEM, "before the fault")
    assert broker.terminate() == 0
    with_fault(broker, fault)
    acknowledged, tried, guard = set(), set(), threading.Lock()

    def talk(place):
        for count in range(500):
            parameters = twilio_callbacks.inbound(ALICE_NUMBER, f"+1555131{place:04d}", f"{count}")
            with guard:
                tried.add(parameters["MessageSid"])
            if post(broker, parameters) != 200:
                return
            with guard:
                acknowledged.add(parameters["MessageSid"])

    threads = [threading.Thread(target=talk, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends_with_a_clear_message(broker, fault)
    broker.verify()
    broker.start()
    stored = stored_ids(broker)
    assert len(stored) == len(set(stored)), "a message is there twice"
    assert acknowledged and acknowledged <= set(stored), "an acknowledged message was lost"
    assert set(stored[1:]) <= tried, "a message was invented"


def test_a_fault_while_it_starts_ends_the_start_and_the_next_one_recovers(broker):
    broker.receive(ALICE_NUMBER, THEM, "before the fault")
    events = broker.api().events()
    broker.kill()
    # A changed directory makes the start write.
    broker.provision.write_text(broker.provision.read_text().replace("Demo Ltd", "Renamed Ltd"))
    broker.launch(wrapper=["strace", "-D", "-f", "-qq", "-o", "/dev/null",
                           "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1+"],
                  environment={"ASAN_OPTIONS": "detect_leaks=0"})
    assert broker.process.wait(timeout=60) > 0
    assert "listening on" not in broker.printed()
    broker.start()
    assert broker.api().events() == events
