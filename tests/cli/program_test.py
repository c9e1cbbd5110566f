"""The program's commands as an operator meets them: exit codes, one line that says what is wrong,
and an orderly end. PARLEY_BIN_DIR says where the binary is."""

import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("PARLEY_BIN_DIR", ROOT / "build/release/bin")) / "parley"
PATIENCE_S = 60  # Only bounds a failure.


def clean_environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**kept, **more}


def run(*arguments, **environment):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False, env=clean_environment(**environment))


class Program(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def serve(self, *arguments, **environment):
        """Starts a broker; returns it and the line that it printed."""
        log = (self.folder / "log").open("ab")
        self.addCleanup(log.close)
        broker = subprocess.Popen(
            [PROGRAM, "serve", "--data", self.data, "--listen", "127.0.0.1:0",
             *map(str, arguments)], stdout=subprocess.PIPE, stderr=log, text=True,
            env=clean_environment(**environment))
        self.addCleanup(broker.stdout.close)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.kill)
        ready, _, _ = select.select([broker.stdout], [], [], PATIENCE_S)
        self.assertTrue(ready, "nothing was printed")
        return broker, broker.stdout.readline()

    def refused(self, result, status, line):
        """The program ended with that status, and its only line on stderr matches."""
        self.assertEqual(result.returncode, status, result)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, rf"\Aparley: {line}\n\Z")

    def test_help_names_the_commands(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for command in ("serve", "backup", "verify"):
            self.assertIn(command, result.stdout)
        self.assertIn("--provision", run("serve", "--help").stdout)

    def test_version_is_the_projects(self):
        declared = re.search(r"project\(parley VERSION ([0-9.]+)",
                             (ROOT / "CMakeLists.txt").read_text()).group(1)
        result = run("--version")
        self.assertEqual((result.returncode, result.stdout), (0, f"parley {declared}\n"))

    def test_wrong_arguments_exit_2(self):
        for arguments in ((), ("sing",), ("serve", "--loud"), ("backup", "--data", "x")):
            result = run(*arguments)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertNotEqual(result.stderr, "")

    def test_a_wrong_listen_address_exits_2(self):
        self.refused(run("serve", "--data", self.data, "--listen", "nowhere"), 2,
                     "--listen nowhere: must be HOST:PORT, for example 127.0.0.1:8080")

    def test_a_wrong_configuration_exits_2_and_names_the_line(self):
        config = self.folder / "parley.toml"
        config.write_text("[log]\nlevl = \"info\"\n")
        self.refused(run("serve", "--config", config, "--data", self.data), 2,
                     rf"{re.escape(str(config))}:2: \[log\] has no option `levl`; it has level")
        self.assertFalse(self.data.exists())

    def test_a_wrong_variable_exits_2(self):
        self.refused(run("serve", "--data", self.data, PARLEY_LOG_LEVEL="loud"), 2,
                     "environment variable PARLEY_LOG_LEVEL: log.level must be one of .*")

    def test_a_wrong_directory_exits_2_and_names_the_line(self):
        directory = self.folder / "directory.toml"
        directory.write_text("[[organization]]\nid = \"a\"\ndefault_inbox = \"gone\"\n")
        result = run("serve", "--data", self.data, "--listen", "127.0.0.1:0",
                     "--provision", directory)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"parley: {directory}:3: `default_inbox` of an organization names the inbox "
                      "`gone`, which there is not\n", result.stderr)

    def test_it_serves_and_ends_with_0_on_both_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            broker, line = self.serve("--provision", ROOT / "config" / "demo.toml")
            self.assertRegex(line, r"\Aparley listening on http://127\.0\.0\.1:[1-9]\d*\n\Z")
            broker.send_signal(number)
            self.assertEqual(broker.wait(PATIENCE_S), 0)
            self.assertEqual(broker.stdout.read(), "", "exactly one line is printed")

    def test_the_shipped_configuration_is_accepted(self):
        broker, line = self.serve("--config", ROOT / "config" / "parley.toml")
        self.assertIn("listening on", line)
        broker.terminate()
        self.assertEqual(broker.wait(PATIENCE_S), 0)

    def test_a_taken_port_exits_1_and_says_so(self):
        _, line = self.serve()
        port = line.strip().rpartition(":")[2]
        result = run("serve", "--data", self.folder / "other", "--listen", f"127.0.0.1:{port}")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"parley: cannot listen on 127.0.0.1:{port}: ", result.stderr)

    def test_a_store_that_is_served_is_refused_to_a_second_broker(self):
        self.serve()
        result = run("serve", "--data", self.data, "--listen", "127.0.0.1:0")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(str(self.data), result.stderr)

    def test_a_running_broker_is_backed_up_and_the_copy_verifies(self):
        self.serve("--provision", ROOT / "config" / "demo.toml")
        copy = self.folder / "copy"
        copy.mkdir()
        result = run("backup", "--data", self.data, "--to", copy / "data.mdb")
        self.assertEqual(result.returncode, 0, result)
        result = run("verify", "--data", copy)
        self.assertEqual(result.returncode, 0, result)
        self.assertRegex(result.stdout, r"\Arecords 0, pairs 0, snapshots 0, faults 0\n\Z")

    def test_a_backup_overwrites_nothing(self):
        self.serve()
        precious = self.folder / "precious"
        precious.write_text("keep")
        result = run("backup", "--data", self.data, "--to", precious)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(precious.read_text(), "keep")

    def test_a_store_that_is_not_there_exits_1(self):
        for arguments in (("verify",), ("backup", "--to", self.folder / "copy")):
            result = run(*arguments, "--data", self.data)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn(str(self.data), result.stderr)
            self.assertFalse(self.data.exists())


if __name__ == "__main__":
    unittest.main()
