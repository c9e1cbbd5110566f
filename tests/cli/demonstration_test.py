"""`scripts/run --once` shows a message going in, answered and delivered; twice on one store."""

import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = os.environ.get("PARLEY_BIN_DIR", str(ROOT / "build/release/bin"))
PATIENCE_S = 240  # Only bounds a failure.


def free_ports(count):
    """Ports that nobody has just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def run_once(folder, ports):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return subprocess.run(
        [ROOT / "scripts" / "run", "--once"], capture_output=True, text=True, timeout=PATIENCE_S,
        check=False, env={**kept, "PARLEY_BIN_DIR": BINARIES, "PARLEY_RUN_DIR": folder,
                          "PARLEY_RUN_PORT": str(ports[0]),
                          "PARLEY_RUN_CARRIER_PORT": str(ports[1])})


class Demonstration(unittest.TestCase):

    def test_a_message_goes_in_is_answered_and_delivered(self):
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                result = run_once(folder, free_ports(2))
                shown = result.stdout + result.stderr
                self.assertEqual(result.returncode, 0, shown)
                for part in ("inbound → 200", '"state": "active"', "Yes, this is Alice",
                             "delivered", "Done"):
                    self.assertIn(part, shown)

    def test_a_taken_port_is_named(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = run_once(folder, [port, free_ports(1)[0]])
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"port {port} is taken", result.stderr)


if __name__ == "__main__":
    unittest.main()
