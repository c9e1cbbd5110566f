"""bench/plot draws what it is given, as well-formed SVG, and says what it cannot draw.

Run by ctest; by hand: python3 tests/bench/plot_test.py"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

PLOT = pathlib.Path(__file__).resolve().parents[2] / "bench" / "plot"
SVG = "{http://www.w3.org/2000/svg}"


def measured(slowest_us, per_second):
    """The part of a result that is drawn."""
    return {"latency_distribution_us": [[0.0, 100.0], [0.5, 200.0], [0.99, slowest_us / 2],
                                        [0.9999, slowest_us * 0.9], [1.0, slowest_us]],
            "per_second": per_second}


class Plot(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        file = self.folder / name
        file.write_text(json.dumps(content), encoding="utf-8")
        return str(file)

    def plot(self, *arguments):
        return subprocess.run([sys.executable, "-B", str(PLOT), "--out", str(self.folder / "out"),
                               *arguments], capture_output=True, text=True, check=False)

    def drawing(self, name):
        return xml.parse(self.folder / f"out-{name}.svg").getroot()

    def test_a_run_becomes_two_drawings(self):
        file = self.write("run.json", {"result": measured(9000.0, [10, 20, 5])})
        self.assertEqual(self.plot(file).returncode, 0)
        for name in ("latency", "throughput"):
            root = self.drawing(name)
            self.assertEqual(root.tag, SVG + "svg")
            self.assertEqual(len(root.findall(SVG + "polyline")), 1)
            self.assertIn("run", [text.text for text in root.iter(SVG + "text")])

    def test_every_point_is_inside_and_more_is_higher(self):
        file = self.write("run.json", {"result": measured(9000.0, [10, 20, 5])})
        self.plot(file)
        for name, count in (("latency", 5), ("throughput", 6)):
            points = [tuple(map(float, point.split(",")))
                      for point in self.drawing(name).find(SVG + "polyline").get("points").split()]
            self.assertEqual(len(points), count)
            for x, y in points:
                self.assertTrue(0 <= x <= 760 and 0 <= y <= 420, (x, y))
            self.assertEqual(sorted(x for x, _ in points), [x for x, _ in points])
            values = [100, 200, 4500, 8100, 9000] if name == "latency" else [10, 10, 20, 20, 5, 5]
            by_height = sorted(range(count), key=lambda at: -points[at][1])
            self.assertEqual([values[at] for at in by_height], sorted(values))

    def test_percentiles_have_names(self):
        self.plot(self.write("run.json", {"result": measured(9000.0, [1])}))
        names = [text.text for text in self.drawing("latency").iter(SVG + "text")]
        for wanted in ("0 %", "90 %", "99 %", "99.9 %", "99.99 %"):
            self.assertIn(wanted, names)

    def test_several_series_have_labels_that_are_escaped(self):
        file = self.write("run.json", {"result": measured(9000.0, [1]),
                                       "also": {"api": measured(50.0, [4, 4])}})
        self.assertEqual(self.plot("a<b & c=" + file, file + ":api", "--title", "<&>").returncode,
                         0)
        for name in ("latency", "throughput"):
            root = self.drawing(name)
            colours = {line.get("stroke") for line in root.findall(SVG + "polyline")}
            self.assertEqual(len(colours), 2)
            texts = [text.text for text in root.iter(SVG + "text")]
            self.assertIn("a<b & c", texts)
            self.assertIn("run api", texts)
            self.assertIn("<&>", texts)

    def test_what_cannot_be_drawn_is_named(self):
        empty = self.write("empty.json", {"result": {"latency_distribution_us": [[1.0, 0.0]],
                                                     "per_second": []}})
        old = self.write("old.json", {"result": {"throughput_per_s": 1}})
        run = self.write("run.json", {"result": measured(1.0, [1])})
        for series in (empty, old, run + ":missing", str(self.folder / "none.json")):
            answer = self.plot(series)
            self.assertEqual(answer.returncode, 1, series)
            self.assertIn(series, answer.stderr)
            self.assertFalse((self.folder / "out-latency.svg").exists())

    def test_there_are_no_more_series_than_colours(self):
        run = self.write("run.json", {"result": measured(1.0, [1])})
        self.assertEqual(self.plot(*[run] * 7).returncode, 2)


if __name__ == "__main__":
    unittest.main()
