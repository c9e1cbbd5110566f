"""The broker as a process: started, spoken to, killed and started again on the same data."""

import os
import pathlib
import random
import re
import signal
import socket
import subprocess

import api_client
import directory_file
import twilio_callbacks
import waiting

LISTENING = re.compile(r"^parley listening on http://(\S+):(\d+)\s*$", re.MULTILINE)

# What every configuration of a test has: the simulator listens on a loopback address.
SECURITY = {"security": {"allow_private_destinations": True}}


def project_root():
    return pathlib.Path(__file__).resolve().parents[2]


def binaries():
    """Where the programs under test are: PARLEY_BIN_DIR, or the release build."""
    chosen = os.environ.get("PARLEY_BIN_DIR")
    return pathlib.Path(chosen) if chosen else project_root() / "build" / "release" / "bin"


def reserve_port():
    """A port that stays free over restarts: outside the range of outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def to_toml(sections):
    """Configuration sections as TOML; values are booleans, numbers or strings."""
    lines = []
    for section, values in sections.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            if isinstance(value, bool):
                value = "true" if value else "false"
            elif isinstance(value, str):
                value = f'"{value}"'
            lines.append(f"{name} = {value}")
        lines.append("")
    return "\n".join(lines)


class Ended(AssertionError):
    """The broker ended although nobody had ended it."""


class Broker:
    """One data directory and the process that serves it, if one runs."""

    def __init__(self, directory, provision=None, config=None, port=0,
                 public_url="https://hooks.example.com"):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.log = self.directory / "broker.log"
        self.public_url = public_url
        self.host = "127.0.0.1"
        self.port = port
        self.process = None
        self._wanted_port = port
        self._starts = 0
        self.directory.mkdir(parents=True, exist_ok=True)
        self.provision = self.directory / "provision.toml"
        self.provision.write_text(provision if provision is not None
                                  else directory_file.directory(public_url=public_url))
        self.config = self.directory / "parley.toml"
        sections = {name: dict(values) for name, values in SECURITY.items()}
        for name, values in (config or {}).items():
            sections.setdefault(name, {}).update(values)
        self.config.write_text(to_toml(sections))

    # Life and death.

    def launch(self, wrapper=(), environment=None):
        """Starts the process and does not wait for it. `wrapper` goes before the command."""
        assert self.process is None or self.process.poll() is not None, "it still runs"
        self._starts += 1
        with self.log.open("ab") as log:
            log.write(f"--- start {self._starts}\n".encode())
            log.flush()
            self._log_start = log.tell()
            self.process = subprocess.Popen(
                [*wrapper, str(binaries() / "parley"), "serve", "--config", str(self.config),
                 "--data", str(self.data), "--listen", f"127.0.0.1:{self._wanted_port}",
                 "--provision", str(self.provision)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **(environment or {})})

    def printed(self):
        """What the process of the last start has printed so far."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def await_ready(self):
        """Waits for the line that says where it listens."""
        def listening():
            found = LISTENING.search(self.printed())
            if found is None and self.process.poll() is not None:
                raise Ended(f"status {self.process.returncode}:\n{self.printed()}")
            return found
        found = waiting.until(listening, "the line `parley listening on`")
        self.host, self.port = found.group(1), int(found.group(2))

    def start(self, wrapper=(), environment=None):
        self.launch(wrapper, environment)
        self.await_ready()
        return self

    def kill(self):
        """SIGKILL, and nothing is left of it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def terminate(self, deadline_s=waiting.DEADLINE_S):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=deadline_s)

    def crash_and_restart(self):
        self.kill()
        return self.start()

    def run_tool(self, *arguments):
        """Runs another command of the same program to its end."""
        return subprocess.run([str(binaries() / "parley"), *map(str, arguments)],
                              capture_output=True, text=True, timeout=300, check=False)

    def verify(self, data=None):
        """`parley verify` must find no fault."""
        result = self.run_tool("verify", "--data", data or self.data)
        assert result.returncode == 0, result.stdout + result.stderr
        return result

    # Speaking to it.

    def api(self, key=directory_file.KEY):
        return api_client.Api(self, key)

    def get(self, target, headers=None):
        return api_client.exchange(self.host, self.port, "GET", target, headers=headers)

    def callback(self, kind, parameters, link="tw", token=directory_file.TOKEN, signature=None,
                 body=None, headers=None):
        """A carrier's callback: `kind` is `inbound` or `status`. Signs for the public URL."""
        path = f"/carriers/twilio/{link}/{kind}"
        fields = {"Content-Type": twilio_callbacks.FORM, **(headers or {})}
        if signature is None:
            signature = twilio_callbacks.signature(token, self.public_url + path, parameters)
        if signature:
            fields["X-Twilio-Signature"] = signature
        if body is None:
            body = twilio_callbacks.encode(parameters)
        return api_client.exchange(self.host, self.port, "POST", path, body, fields)

    def receive(self, our_number, their_number, text, sid=None, **more):
        """An inbound message that must be acknowledged; returns its carrier id."""
        parameters = twilio_callbacks.inbound(our_number, their_number, text, sid, **more)
        answer = self.callback("inbound", parameters)
        assert answer.status == 200, answer
        return parameters["MessageSid"]

    def report(self, sid, state, our_number, their_number, error_code=None):
        """A delivery report that must be acknowledged."""
        answer = self.callback(
            "status", twilio_callbacks.status(sid, state, our_number, their_number, error_code))
        assert answer.status == 200, answer

    def conversation_with(self, their_number, **query):
        """The only conversation with an outside address."""
        found = self.api().conversations(address=f"sms:{their_number}", **query)
        assert len(found) == 1, found
        return found[0]
