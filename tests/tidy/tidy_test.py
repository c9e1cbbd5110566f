"""Holds the tree to the rules of the house, and each rule to a tree that breaks it.

Run by ctest; by hand: python3 tests/tidy/tidy_test.py"""

import pathlib
import re
import unittest

import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".deps", ".cache", "build", "data", "node_modules", "__pycache__",
            ".pytest_cache", "results", "corpus"}
TEXT = (".cpp", ".hpp", ".py", ".cmake", ".toml", ".service", ".js", ".sh")
SCRIPTS = ("scripts/", ".ci/")


def tree():
    """Every file of ours, as paths relative to the root."""
    def walk(folder):
        for entry in sorted(folder.iterdir()):
            if entry.is_dir():
                if entry.name not in LEFT_OUT and not entry.name.startswith("cmake-build"):
                    yield from walk(entry)
            elif entry.is_file():
                yield entry.relative_to(ROOT).as_posix()
    return list(walk(ROOT))


FILES = tree()


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def exists(path):
    """A file or folder of that path, or a pair of source and header without their endings."""
    return any((ROOT / f"{path}{ending}").exists() for ending in ("", ".cpp", ".hpp", ".py"))


def ours():
    return [path for path in FILES
            if path.endswith(TEXT) or path.startswith(SCRIPTS) or path.endswith("CMakeLists.txt")]


def code():
    return [path for path in FILES if path.endswith(rules.CODE)]


def documents():
    return [path for path in ("README.md", "CONTRIBUTING.md") if path in FILES]


def subcommands():
    """Program → the commands that its source adds."""
    def added(*paths):
        return {name for path in paths
                for name in re.findall(r'add_subcommand\(\s*"([a-z-]+)"', read(path))}
    return {"parley": added("src/cli/commands.cpp"),
            "parley-bench": added(*[path for path in code() if path.startswith("bench/")])}


class TheTree(unittest.TestCase):
    """The tree keeps the rules."""

    def none(self, complaints):
        complaints = list(complaints)
        if complaints:
            self.fail("\n" + "\n".join(complaints))

    def test_there_is_a_tree(self):
        self.assertGreater(len(code()), 50)

    def test_text_is_tidy(self):
        self.none(one for path in ours() for one in rules.check_text(path, read(path)))

    def test_code_is_tidy(self):
        self.none(one for path in code() for one in rules.check_code(path, read(path)))

    def test_names_say_something(self):
        self.none(one for path in FILES for one in rules.check_name(path))

    def test_rooms_keep_their_floors(self):
        rooms = rules.parse_rooms(read("CMakeLists.txt"))
        self.none(rules.check_rooms(rooms))
        self.none(one for path in code() for one in rules.check_includes(path, read(path), rooms))

    def test_libraries_stay_in_their_rooms(self):
        self.none(one for path in code() for one in rules.check_libraries(path, read(path)))

    def test_pure_rooms_read_no_clock(self):
        self.none(one for path in code() for one in rules.check_pure(path, read(path)))

    def test_the_architecture_names_what_there_is(self):
        text = read("ARCHITECTURE.md")
        self.none(rules.check_tables("ARCHITECTURE.md", text, exists))
        self.none(rules.check_rooms_listed("ARCHITECTURE.md", text, rules.FLOORS))

    def test_every_option_is_explained(self):
        self.none(rules.check_options("config/parley.toml", read("config/parley.toml")))

    def test_documents_lead_somewhere(self):
        self.assertEqual(documents(), ["README.md", "CONTRIBUTING.md"])
        for path in documents():
            self.none(rules.check_commands(path, read(path), exists, subcommands()))
            self.none(rules.check_links(path, read(path), exists))


ROOMS = {"model": set(), "store": {"model"}, "http": {"model"}, "actors": {"store", "http"},
         "ingress": {"actors"}}


class TheRules(unittest.TestCase):
    """Each rule finds what breaks it, and lets the rest pass."""

    def one(self, complaints, part):
        complaints = list(complaints)
        self.assertEqual(len(complaints), 1, complaints)
        self.assertIn(part, complaints[0])

    def test_columns(self):
        self.assertEqual(list(rules.check_text("a.cpp", "x" * 100 + "\n")), [])
        self.one(rules.check_text("a.cpp", "\n" + "x" * 101 + "\n"), "a.cpp:2: 101 columns")
        # Characters, not bytes.
        self.assertEqual(list(rules.check_text("a.cpp", "→" * 100 + "\n")), [])

    def test_unfinished_work(self):
        self.one(rules.check_text("a.cpp", "// TO" "DO: later\n"), "unfinished")

    def test_blanks(self):
        self.one(rules.check_text("a.cpp", "x \n"), "blanks")
        self.one(rules.check_text("a.cpp", "\tx\n"), "a tab")
        self.one(rules.check_text("a.cpp", "x"), "no line end")

    def test_an_include_upwards(self):
        self.one(rules.check_includes("src/store/a.cpp", '#include "parley/ingress/door.hpp"\n',
                                      ROOMS), "store must not include")
        self.one(rules.check_includes("src/store/a.cpp", '#include "actors/number.hpp"\n', ROOMS),
                 "store must not include")

    def test_an_include_sideways(self):
        self.one(rules.check_includes("include/parley/http/a.hpp",
                                      '#include "parley/store/reader.hpp"\n', ROOMS),
                 "http must not include")

    def test_an_include_downwards(self):
        self.assertEqual(list(rules.check_includes(
            "src/ingress/a.cpp", '#include "parley/model/ids.hpp"\n#include <vector>\n', ROOMS)),
            [])

    def test_a_private_header_of_another_room(self):
        self.one(rules.check_includes("src/ingress/a.cpp", '#include "src/store/bytes.hpp"\n',
                                      ROOMS), "private to store")

    def test_rooms_against_the_floors(self):
        rooms = {room: set() for room in rules.FLOORS}
        self.assertEqual(list(rules.check_rooms(rooms)), [])
        rooms["store"] = {"actors"}
        self.one(rules.check_rooms(rooms), "store is below actors")
        self.one(rules.check_rooms({"model": set()}), "the floors are of")

    def test_rooms_are_read_from_cmake(self):
        text = "parley_room(model)\nparley_room(http USES model text\n  LIBRARIES Boost::headers)\n"
        self.assertEqual(rules.parse_rooms(text), {"model": set(), "http": {"model", "text"}})

    def test_libraries(self):
        self.one(rules.check_libraries("src/ingress/a.cpp", "#include <boost/beast/core.hpp>\n"),
                 "belongs into")
        self.one(rules.check_libraries("src/http/a.cpp", "#include <lmdb.h>\n"), "belongs into")
        self.one(rules.check_libraries("src/routing/a.cpp", "#include <spdlog/spdlog.h>\n"),
                 "pure room")
        self.assertEqual(list(rules.check_libraries("src/http/a.cpp",
                                                    "#include <boost/asio/post.hpp>\n")), [])

    def test_a_clock_in_a_pure_room(self):
        self.one(rules.check_pure("src/conversation/a.cpp",
                                  "const auto now = std::chrono::system_clock::now();\n"), "clock")
        self.assertEqual(list(rules.check_pure("src/http/a.cpp", "steady_clock::now()\n")), [])

    def test_code(self):
        head = "#pragma once\n"
        self.one(rules.check_code("include/parley/x/a.hpp", "int a;\n"), "pragma")
        self.one(rules.check_code("actors/a.hpp", head + "caf::actor next;\n"), "typed handles")
        self.assertEqual(list(rules.check_code("actors/a.hpp", head + "caf::actor_system& s;\n")),
                         [])
        self.one(rules.check_code("src/store/a.cpp", "std::cout << 1;\n"), "print nothing")
        self.assertEqual(list(rules.check_code("bench/a.cpp", "std::cout << 1;\n")), [])
        self.one(rules.check_code("src/store/a.cpp", "\n" * 701), "701 lines")
        self.one(rules.check_code("src/store/a.cpp", "using namespace std;\n"), "using namespace")

    def test_names(self):
        self.one(rules.check_name("src/store/utils.cpp"), "says nothing")
        self.assertEqual(list(rules.check_name("src/store/journal.cpp")), [])

    def test_tables(self):
        text = "`src/gone.cpp` in prose is free\n| `src/gone.cpp` | `actors/number` |\n"
        self.one(rules.check_tables("A.md", text, lambda path: path == "actors/number"),
                 "A.md:2: there is no `src/gone.cpp`")
        self.one(rules.check_rooms_listed("A.md", "| 0 | `model/` |\n", {"model", "store"}),
                 "no table lists the room `store`")

    def test_options(self):
        text = "[a]\n# Said.\nfirst = 1\n\nsecond = 2\n"
        self.one(rules.check_options("c.toml", text), "c.toml:5: second has no comment")

    def test_commands(self):
        text = "```\nscripts/gone\nbuild/release/bin/parley sing\n```\nparley sings in prose\n"
        found = list(rules.check_commands("R.md", text, lambda path: False, {"parley": {"serve"}}))
        self.assertEqual(found, ["R.md:2: there is no scripts/gone",
                                 "R.md:3: parley has no command sing"])

    def test_links(self):
        text = "[a](gone.md#part) [b](https://example.com) [c](#here)\n"
        self.one(rules.check_links("R.md", text, lambda path: False), "gone.md leads nowhere")


if __name__ == "__main__":
    unittest.main()
