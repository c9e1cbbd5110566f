"""bench/summarise.py makes medians, ratios and marks of the results in a folder.

Run by ctest; by hand: python3 tests/bench/summarise_test.py"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SUMMARISE = pathlib.Path(__file__).resolve().parents[2] / "bench" / "summarise.py"


def measured(per_s, p99_us=1000.0):
    """The result of a run, without a broker whose cost is known."""
    return {"throughput_per_s": per_s, "broker": None, "generator_cpu_us_per_message": 2.0,
            "latency_us": {"p50": 100.0, "p99": p99_us, "p99_9": p99_us}}


class Summary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def summarise(self, *arguments):
        answer = subprocess.run([sys.executable, "-B", str(SUMMARISE), str(self.folder),
                                 *arguments], capture_output=True, text=True, check=True)
        return answer.stdout

    def row(self, text, name):
        rows = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
        self.assertEqual(len(rows), 1, text)
        return [cell.strip() for cell in rows[0].strip("|").split("|")]

    def test_runs_of_a_name_become_their_median_and_spread(self):
        for run, per_s in enumerate((100, 300, 200), 1):
            self.write(f"egress-max-{run}.json", {"result": measured(per_s)})
        row = self.row(self.summarise(), "egress-max")
        self.assertEqual(row[1:3], ["3", "200.00"])
        self.assertEqual(row[-1], "100 %")
        self.assertEqual(self.summarise("--half", "egress-max").strip(), "100")

    def test_further_measurements_have_rows_of_their_own(self):
        self.write("egress-max-1.json", {"result": measured(100), "also": {"api": measured(900)}})
        self.assertEqual(self.row(self.summarise(), "egress-max:api")[2], "900.00")

    def test_ratios_are_of_the_same_run(self):
        for run, (bare, parley) in enumerate(((100, 50), (10, 9), (200, 160)), 1):
            self.write(f"in-bare-{run}.json", {"result": measured(bare)})
            self.write(f"in-parley-{run}.json", {"result": measured(parley)})
        self.assertIn("in-parley / in-bare: median 0.80 (0.50 to 0.90 in 3 runs)",
                      self.summarise())

    def test_load_is_held_against_quiet_by_p99(self):
        self.write("mixed-1.json", {"result": measured(10, 3000.0),
                                    "also": {"alone": measured(10, 2000.0)}})
        self.assertIn("p99 of mixed / mixed:alone: median 1.50", self.summarise())

    def test_durability_stands_beside_each_figure(self):
        self.write("in-kannel-1.json", {"result": measured(10), "also": {"api": measured(1)}})
        self.write("in-bare-1.json", {"result": measured(10)})
        (self.folder / "durability.txt").write_text("in-kannel\tpage cache\n", encoding="utf-8")
        text = self.summarise()
        self.assertEqual(self.row(text, "in-kannel")[-1], "page cache")
        self.assertEqual(self.row(text, "in-kannel:api")[-1], "page cache")
        self.assertEqual(self.row(text, "in-bare")[-1], "–")

    def test_numbers_that_were_too_fast_are_marked(self):
        rates = {"achieved_mean": 0.99, "achieved_min": 0.9, "achieved_max": 1.01, "within": True,
                 "windows": [{"seconds": 1, "allowed": 11.0, "worst": 11}]}
        self.write("rates-10-1.json", {"result": measured(1), "numbers": 5, "rate_per_s": 10.0,
                                       "rates": rates})
        self.assertIn("rates-10-1: 5 numbers at 10/s achieved 0.9900", self.summarise())
        self.assertNotIn("sent too fast", self.summarise())
        rates["within"] = False
        self.write("rates-10-1.json", {"result": measured(1), "numbers": 5, "rate_per_s": 10.0,
                                       "rates": rates})
        self.assertIn("sent too fast", self.summarise())


if __name__ == "__main__":
    unittest.main()
