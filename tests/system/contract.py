"""What config/openapi.json promises, held against answers of the real broker.

`Contract.check` looks at one exchange: the path and the method are in the document, and so are the
answer's status, its header fields, its content type and its body, against the schema in JSON Schema
2020-12. What the document does not have must be refused in the way it says: 404 or 405."""

import functools
import hashlib
import json
import pathlib
import re
import threading

import jsonschema

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "config" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "application/problem+json"
ANY_TYPE = "*/*"
SHOWN_CHARACTERS_MAX = 2000


class Broken(AssertionError):
    """The broker did what the document does not say."""


class Contract:
    """One OpenAPI 3.1 document. The same answer is looked at once, however often it comes.

    May be used by several threads, one at a time: a resolver of references is not made for more."""

    def __init__(self, document):
        self.document = document
        self._resolver = jsonschema.RefResolver.from_schema(document)
        # A path without a parameter is meant where both fit.
        self._paths = sorted(((_pattern(path), path) for path in document["paths"]),
                             key=lambda entry: "{" in entry[1])
        self._validators = {}
        self._seen = set()
        self._one_at_a_time = threading.Lock()

    def path_of(self, target):
        """The path of the document that a request target fits; None when there is none."""
        plain = target.partition("?")[0]
        return next((path for pattern, path in self._paths if pattern.fullmatch(plain)), None)

    def methods(self, path):
        """The methods of a path of the document, in upper case, HEAD not counted."""
        return {name.upper() for name in self.document["paths"][path] if name in METHODS}

    def check(self, verb, target, answer):
        """Raises `Broken` unless the document has the exchange."""
        path = self.path_of(target)
        known = (verb, path, answer.status, tuple(sorted(answer.headers.items())),
                 hashlib.sha256(answer.body).digest())
        with self._one_at_a_time:
            if known in self._seen:
                return
            try:
                self._check(verb, path, answer)
            except Broken as broken:
                shown = f"{answer.status} {answer.headers} {answer.body[:SHOWN_CHARACTERS_MAX]!r}"
                raise Broken(f"{verb} {target}: {broken}\nthe answer: {shown}") from None
            self._seen.add(known)

    def check_event(self, event):
        """Raises `Broken` unless an event, as the stream sends it, fits its schema."""
        with self._one_at_a_time:
            self._validate("Event", {"$ref": "#/components/schemas/Event"}, event)

    def _check(self, verb, path, answer):
        if path is None:
            self._check_refusal(answer, 404, ("not_found", "unknown_link"),
                                "the document has no such path")
            return
        method = "GET" if verb == "HEAD" else verb
        if method not in self.methods(path):
            self._check_refusal(answer, 405, ("method_not_allowed",),
                                f"{path} has no such method")
            allowed = set(answer.headers.get("allow", "").split(", ")) - {"HEAD"}
            _expect(allowed == self.methods(path), f"Allow names {allowed} for {path}")
            return
        responses = self.document["paths"][path][method.lower()]["responses"]
        _expect(str(answer.status) in responses, f"{path} has no answer {answer.status}")
        response = self.resolved(responses[str(answer.status)])
        what = f"{method} {path} {answer.status}"
        self._check_headers(what, response, answer)
        if verb != "HEAD":
            self._check_body(what, response, answer)

    def _check_refusal(self, answer, status, codes, why):
        """What the document does not have is refused in the one way that it says."""
        _expect(answer.status == status, why)
        _expect(_media_type(answer) == PROBLEM, f"a {status} is no problem document")
        problem = json.loads(answer.body)
        self._validate("Problem", {"$ref": "#/components/schemas/Problem"}, problem)
        _expect(problem["status"] == status and problem["code"] in codes, f"not one of {codes}")

    def _check_headers(self, what, response, answer):
        for name, header in response.get("headers", {}).items():
            text = answer.headers.get(name.lower())
            _expect(text is not None or not header.get("required"), f"the field {name} is missing")
            if text is not None:
                whole = header["schema"].get("type") == "integer" and text.isdecimal()
                self._validate(f"{what} {name}", header["schema"], int(text) if whole else text)

    def _check_body(self, what, response, answer):
        content = response.get("content", {})
        kind = _media_type(answer)
        if not content:
            _expect(not answer.body, "the answer has a body and the document has none")
            return
        if ANY_TYPE in content and kind != PROBLEM:
            return  # Whatever somebody uploaded.
        _expect(kind in content, f"the content type {kind} is none of {sorted(content)}")
        text = answer.body.decode()
        value = json.loads(text) if kind.endswith(("/json", "+json")) else text
        self._validate(f"{what} {kind}", content[kind]["schema"], value)

    def resolved(self, what):
        """A part of the document, or what it refers to."""
        return self._resolver.resolve(what["$ref"])[1] if "$ref" in what else what

    def _validate(self, name, schema, value):
        if name not in self._validators:
            self._validators[name] = jsonschema.Draft202012Validator(schema,
                                                                     resolver=self._resolver)
        error = jsonschema.exceptions.best_match(self._validators[name].iter_errors(value))
        if error is not None:
            raise Broken(f"{name}: {error.json_path}: {error.message[:SHOWN_CHARACTERS_MAX]}")


def _pattern(path):
    """`{…}` stands for one part of a path."""
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _media_type(answer):
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _expect(holds, complaint):
    if not holds:
        raise Broken(complaint)


@functools.lru_cache(maxsize=1)
def contract():
    """The contract of this tree."""
    return Contract(json.loads(DOCUMENT.read_text()))
