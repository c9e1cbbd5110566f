"""Fixtures: the real binaries as processes, each test with data directories of its own."""

import itertools

import pytest

import broker_process
import carrier_process
import scripted_carrier

LOG_CHARACTERS_MAX = 20000


@pytest.fixture(scope="session", autouse=True)
def binaries():
    """The programs under test must have been built."""
    directory = broker_process.binaries()
    for name in ("parley", "parley-bench"):
        if not (directory / name).exists():
            pytest.exit(f"there is no {directory / name}: build it, or set PARLEY_BIN_DIR", 2)
    return directory


@pytest.fixture
def make_broker(tmp_path, request):
    """Makes brokers that are not started yet; kills what still runs after the test."""
    made = []
    count = itertools.count(1)

    def make(**options):
        broker = broker_process.Broker(tmp_path / f"broker{next(count)}", **options)
        made.append(broker)
        return broker

    request.node.parley_logs = [lambda: [broker.log for broker in made]]
    yield make
    for broker in made:
        broker.kill()


@pytest.fixture
def broker(make_broker):
    """A running broker with the default directory."""
    return make_broker().start()


@pytest.fixture
def simulator(tmp_path):
    """Starts carrier simulators with given flags."""
    made = []

    def start(*flags):
        made.append(carrier_process.Simulator(tmp_path / f"simulator{len(made) + 1}", flags))
        return made[-1].start()

    yield start
    for process in made:
        process.kill()


@pytest.fixture
def carrier():
    """A carrier that a test gives instructions to."""
    running = scripted_carrier.ScriptedCarrier()
    yield running
    running.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the end of every broker's log with a failure."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for logs in getattr(item, "parley_logs", []):
        for path in logs():
            if path.exists():
                text = path.read_text(errors="replace")[-LOG_CHARACTERS_MAX:]
                report.sections.append((f"log of {path.parent.name}", text))
