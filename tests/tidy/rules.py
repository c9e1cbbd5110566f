"""The rules of the house that a program can check. Each takes texts and returns complaints, so that
the tests can show each rule a tree that breaks it."""

import re

COLUMNS_MAX = 100
LINES_MAX = 700

# An include never points to a higher floor (ARCHITECTURE.md, "Rooms").
FLOORS = {
    "model": 0,
    "conversation": 1, "routing": 1, "text": 1, "carrier": 1, "files": 1, "actions": 1,
    "consent": 1, "bulk": 1,
    "store": 2, "http": 2,
    "actors": 3,
    "ingress": 4,
    "cli": 5,
}
PURE = {room for room, floor in FLOORS.items() if floor <= 1}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
CODE = (".cpp", ".hpp")


def lines(text):
    return enumerate(text.splitlines(), 1)


def room_of(path):
    """The room a source file belongs to; None for what is in no room (bench, tests)."""
    parts = path.split("/")
    if path == "src/main.cpp":
        return "cli"
    if parts[0] == "actors":
        return "actors"
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["include", "parley"] and len(parts) > 3:
        return parts[2]
    return None


def included_room(target):
    """The room an include path of the project names; None for anything else."""
    found = re.match(r"(?:parley|src)/([a-z_]+)/", target)
    if found:
        return found.group(1)
    return "actors" if target.startswith("actors/") else None


def parse_rooms(cmake):
    """Room → rooms that CMakeLists.txt lets it use directly."""
    rooms = {}
    for name, arguments in re.findall(r"^parley_room\((\w+)([^)]*)\)", cmake, re.MULTILINE):
        uses = re.search(r"\bUSES((?:\s+[a-z_]+)*)", arguments)
        rooms[name] = set(uses.group(1).split()) if uses else set()
    return rooms


def reach(rooms, room):
    """A room, and all it may use, over any number of steps."""
    reached, todo = set(), [room]
    while todo:
        current = todo.pop()
        if current not in reached:
            reached.add(current)
            todo += rooms.get(current, ())
    return reached


def check_rooms(rooms):
    """CMake's own order must keep the floors."""
    if set(rooms) != set(FLOORS):
        yield f"CMakeLists.txt: rooms {sorted(rooms)}, but the floors are of {sorted(FLOORS)}"
        return
    for room, uses in rooms.items():
        for used in uses:
            if FLOORS[used] > FLOORS[room]:
                yield f"CMakeLists.txt: {room} is below {used} and must not use it"


def check_includes(path, text, rooms):
    """An include stays within what CMake lets the room use, and so never points upwards."""
    room = room_of(path)
    if room is None:
        return
    allowed = reach(rooms, room)
    for number, line in lines(text):
        found = INCLUDE.match(line)
        target = included_room(found.group(2)) if found else None
        if target is not None and target not in allowed:
            yield f"{path}:{number}: {room} must not include {found.group(2)}"
        if found and found.group(2).startswith("src/") and target != room:
            yield f"{path}:{number}: {found.group(2)} is private to {target}"


# Library → where it may be included. What is in no list is allowed nowhere else.
LIBRARIES = {
    r"boost/(beast|asio)": ("src/http/", "include/parley/http/", "bench/", "tests/"),
    r"lmdb\.h": ("src/store/", "tests/store/"),
    r"magic\.h": ("src/store/",),
    r"(re2|date|phonenumbers)/": ("src/routing/",),
    r"msgpack": ("src/store/", "tests/store/"),
    r"caf/": ("actors/", "src/ingress/", "src/cli/", "tests/", "bench/"),
    r"CLI/": ("src/cli/", "bench/"),
    r"toml\+\+": ("src/cli/", "src/ingress/", "tests/cli/"),
}


def check_libraries(path, text):
    """Each library is compiled in few rooms only; the pure rooms know neither log nor actors."""
    for number, line in lines(text):
        found = INCLUDE.match(line)
        if not found:
            continue
        target = found.group(2)
        for library, places in LIBRARIES.items():
            if re.match(library, target) and not path.startswith(places):
                yield f"{path}:{number}: {target} belongs into {', '.join(places)} only"
        if room_of(path) in PURE and re.match(r"spdlog/(?!fmt/)|caf/|sys/|unistd", target):
            yield f"{path}:{number}: a pure room must not include {target}"


def check_pure(path, text):
    """Rules take the time as an argument: no clock in the pure rooms, model's own excepted."""
    if room_of(path) not in PURE or path == "include/parley/model/time.hpp":
        return
    for number, line in lines(text):
        if re.search(r"_clock::now\s*\(|\bwall_clock\s*\(", line):
            yield f"{path}:{number}: a pure room reads a clock"


def check_text(path, text):
    """Columns, tabs, trailing blanks, marks of unfinished work."""
    for number, line in lines(text):
        if len(line) > COLUMNS_MAX:
            yield f"{path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"
        if line != line.rstrip():
            yield f"{path}:{number}: blanks at the end of the line"
        if "\t" in line:
            yield f"{path}:{number}: a tab"
        # In two halves, so that this file does not find itself.
        if re.search(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b", line):
            yield f"{path}:{number}: unfinished: {line.strip()}"
    if text and not text.endswith("\n"):
        yield f"{path}: no line end at the end of the file"


def check_code(path, text):
    """What C++ of this house does not do."""
    if len(text.splitlines()) > LINES_MAX:
        yield f"{path}: {len(text.splitlines())} lines, at most {LINES_MAX}"
    if path.endswith(".hpp") and "#pragma once" not in text:
        yield f"{path}: no #pragma once"
    printing = path.startswith(("src/cli/", "bench/", "tests/"))
    interface = path.endswith(".hpp") and path.startswith(("actors/", "include/"))
    for number, line in lines(text):
        if interface and re.search(r"\bcaf::actor\s*[;,)>&{]|\bcaf::actor\s+\w", line):
            yield f"{path}:{number}: an interface names its actors by their typed handles"
        if not printing and re.search(r"\bstd::(cout|cerr|printf|puts)\b", line):
            yield f"{path}:{number}: rooms log through spdlog and print nothing"
        if not path.startswith(("bench/", "tests/")) and re.match(
                r"\s*using namespace\s+(?!std::(?:string_view_|chrono_)?literals)", line):
            yield f"{path}:{number}: using namespace hides where names come from"


def check_name(path):
    """A file or folder is named for the one thing that it is about."""
    for part in re.split(r"[/.]", path):
        if part in ("util", "utils", "common", "helper", "helpers", "misc", "manager"):
            yield f"{path}: `{part}` says nothing"


def table_paths(markdown):
    """(line, path) of everything in backticks within tables that looks like a path of the tree."""
    for number, line in lines(markdown):
        if not line.lstrip().startswith("|"):
            continue
        for quoted in re.findall(r"`([^`]+)`", line):
            if re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.<>*-]*)+", quoted):
                yield number, quoted


def check_tables(path, markdown, exists):
    """The tables of a document name only files and folders that there are. `exists` takes a path; a
    file may be named without its ending, for the pair of header and source."""
    for number, quoted in table_paths(markdown):
        if quoted.startswith("/") or "<" in quoted or "*" in quoted:
            continue
        if not exists(quoted.rstrip("/")):
            yield f"{path}:{number}: there is no `{quoted}`"


def check_rooms_listed(path, markdown, rooms):
    """Every room has a row in some table."""
    rows = "\n".join(line for _, line in lines(markdown) if line.lstrip().startswith("|"))
    for room in sorted(rooms):
        if not re.search(rf"`(?:[a-z/]*/)?{room}/?`", rows):
            yield f"{path}: no table lists the room `{room}`"


def check_options(path, text):
    """Every option of the configuration has a comment right above it."""
    before = ""
    for number, line in lines(text):
        if re.match(r"[a-z_]+\s*=", line) and not before.startswith("# "):
            yield f"{path}:{number}: {line.split('=')[0].strip()} has no comment"
        before = line


def check_commands(path, markdown, exists, subcommands):
    """Scripts and programs in a document's code blocks exist, and so do their subcommands."""
    code = False
    for number, line in lines(markdown):
        if line.lstrip().startswith("```"):
            code = not code
            continue
        if not code:
            continue
        called = r"(?:^|[\s;&|(])((?:scripts|\.ci|bench|tests)/[\w./-]+)"
        for script in re.findall(called, line):
            if not exists(script):
                yield f"{path}:{number}: there is no {script}"
        for program, word in re.findall(r"\b(?:bin/)?(parley(?:-bench)?)\s+([a-z][a-z-]*)", line):
            if program in subcommands and word not in subcommands[program]:
                yield f"{path}:{number}: {program} has no command {word}"


def check_links(path, markdown, exists):
    """Relative links of a document lead somewhere."""
    for number, line in lines(markdown):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
            if "://" not in target and not exists(target):
                yield f"{path}:{number}: the link to {target} leads nowhere"
