"""The carrier simulator (`parley-bench carrier`) as a process, and its log of what it received."""

import json
import pathlib
import signal
import socket
import subprocess

import broker_process
import directory_file
import waiting


class Simulator:
    """One simulator; `flags` go to it as they are."""

    def __init__(self, directory, flags=()):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.sends_file = self.directory / "sends.ndjson"
        self.log = self.directory / "simulator.log"
        self.port = broker_process.reserve_port()
        self.flags = list(flags)
        self.process = None

    @property
    def api_base(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(broker_process.binaries() / "parley-bench"), "carrier",
                 "--listen", f"127.0.0.1:{self.port}", "--log", str(self.sends_file),
                 "--auth-token", directory_file.TOKEN, *map(str, self.flags)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        waiting.until(self._answers, "the simulator's port to open")
        return self

    def _answers(self):
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def sends(self):
        """Every send that it received so far; a line that is still being written is left out."""
        if not self.sends_file.exists():
            return []
        text = self.sends_file.read_text()
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
