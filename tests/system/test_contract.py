"""The document that applications are given, config/openapi.json, and what holds the broker to it.

Every answer of every other test is checked where it comes in (api_client.exchange). Here: the
routes that the broker has are the routes that the document has, the document can be broken, and
the check notices when it is."""

import json
import re

import jsonschema
import pytest

import api_client
import broker_process
import contract
import directory_file
from directory_file import ALICE_NUMBER, SPARE_NUMBER

THEM = "+15551230001"
PLACES = {"id": "cv_" + "0" * 26, "link": "tw"}


def filled(path):
    """A target that fits a path of the document, or one of the source's routes (`{}`)."""
    return re.sub(r"\{(\w*)\}", lambda hole: PLACES.get(hole.group(1), PLACES["id"]), path)


def probe(broker, path):
    """Asks for a method that no path has: 405 tells what is served, 404 that nothing is."""
    return api_client.exchange(broker.host, broker.port, "OPTIONS", filled(path))


def routes_of_the_source():
    """Every text in the door's source that could be the path of a route. The broker decides."""
    found = set()
    for file in (broker_process.project_root() / "src" / "ingress").rglob("*.cpp"):
        found |= set(re.findall(r'"(/[a-z0-9/{}._-]*)"', file.read_text()))
    return found


def walk(schema, place="#"):
    """Every object inside a JSON document, with where it stands."""
    if isinstance(schema, dict):
        yield place, schema
        for name, part in schema.items():
            yield from walk(part, f"{place}/{name}")
    elif isinstance(schema, list):
        for count, part in enumerate(schema):
            yield from walk(part, f"{place}/{count}")


@pytest.fixture(name="document")
def fixture_document():
    return contract.contract().document


def test_the_broker_serves_the_document_of_this_tree(broker, document):
    assert broker.get("/openapi.json").json() == document


def test_every_route_of_the_document_is_served_with_exactly_its_methods(broker, document):
    for path in document["paths"]:
        answer = probe(broker, path)
        assert answer.status == 405, f"{path} is described and not served"
        allowed = set(answer.headers["allow"].split(", ")) - {"HEAD"}
        assert allowed == contract.contract().methods(path), path


def test_every_route_of_the_source_is_in_the_document(broker):
    routes = routes_of_the_source()
    assert len(routes) > 10, "the source's routes are written in another way now"
    for route in routes:
        # What is served and not in the document breaks the contract inside of `probe` already.
        answer = probe(broker, route)
        described = contract.contract().path_of(filled(route)) is not None
        assert (answer.status == 405) == described, route


def test_every_error_code_of_the_source_is_in_the_document(document):
    source = broker_process.project_root() / "include" / "parley" / "model" / "error.hpp"
    codes = re.findall(r'\{errc::\w+, "(\w+)", \d{3},', source.read_text())
    described = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert codes and set(codes) ^ set(described) == set()


def test_the_documents_schemas_are_sound_and_strict(document):
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for place, part in walk(schema, name):
            if "properties" in part and "if" not in place and "then" not in place \
                    and "else" not in place:
                assert part.get("additionalProperties") is False, f"{place} takes anything"
    for place, part in walk(document):
        if isinstance(part.get("$ref"), str):
            target = document
            for step in part["$ref"].removeprefix("#/").split("/"):
                assert step in target, f"{place} refers to nothing"
                target = target[step]


def test_every_operation_has_an_id_of_its_own_and_the_parameters_of_its_path(document):
    names = []
    for path, shared in document["paths"].items():
        holes = set(re.findall(r"\{(\w+)\}", path))
        given = {contract.contract().resolved(one)["name"]
                 for one in shared.get("parameters", [])}
        assert given == holes, path
        names += [shared[method]["operationId"] for method in contract.METHODS
                  if method in shared]
    assert len(names) == len(set(names))


# The check can fail: answers of the real broker, each changed in one place.


@pytest.fixture(name="seen")
def fixture_seen(broker):
    """Targets with the answers that the broker gave: a refusal, and every shape that there is."""
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    broker.receive(SPARE_NUMBER, THEM, "Anybody?")
    talk = broker.api().conversations(number=ALICE_NUMBER)[0]["id"]
    answer = broker.api().post(f"/v1/conversations/{talk}/read", {"user": "alice"})
    assert answer.status == 200, answer
    reply = broker.api().replied(talk, "Hello yourself")
    broker.api().await_state(reply["id"], "sending")
    assert broker.api().close(talk).status == 200
    answers = {}
    targets = ["/v1/conversations", f"/v1/conversations/{talk}",
               f"/v1/conversations/{talk}/messages", "/v1/events", "/v1/conversations?limit=0"]
    for target in targets:
        answer = broker.get(target, {"Authorization": f"Bearer {directory_file.KEY}"})
        answers[target] = answer
        if target.startswith("/v1/events") and answer.json()["next"] is not None:
            targets.append(f"/v1/events?cursor={answer.json()['next']}")
    return answers


def changed(answer, change):
    """The answer with its body changed; none when the change does not apply to it."""
    body = answer.json()
    return None if change(body) is False else api_client.Response(
        answer.status, answer.headers, json.dumps(body).encode())


def first(body, where=lambda item: True):
    return next((item for item in body.get("items", []) if where(item)), None)


def of_type(kind):
    return lambda item: item.get("type") == kind


def setting(where, *path, to):
    """A change of one member of the first item that fits."""
    def change(body):
        part = first(body, where)
        if part is None:
            return False
        for step in path[:-1]:
            part = part[step]
        assert path[-1] in part
        part[path[-1]] = to
        return True
    return change


def leaving_out(body):
    item = first(body)
    return item is not None and item.popitem() is not None


def adding(body):
    (first(body) or body)["more"] = 1


def is_conversation(item):
    return item["id"].startswith("cv_")


def is_closed(item):
    return item.get("state") == "closed"


def is_message(item):
    return item["id"].startswith("ms_")


@pytest.mark.parametrize("change", [
    leaving_out,
    adding,
    setting(is_conversation, "id", to="ms_" + "0" * 26),
    setting(is_conversation, "state", to="asleep"),
    setting(is_conversation, "created_at", to="2026-01-01T00:00:00Z"),
    setting(is_conversation, "number", to="+15550100001"),
    setting(is_closed, "close_reason", to=None),
    setting(is_conversation, "last_index", to="3"),
    setting(is_message, "segments", to=0),
    setting(is_message, "author", "type", to="robot"),
    setting(is_message, "deliveries", to=[{}]),
    setting(of_type("conversation.created"), "type", to="conversation.closed"),
    setting(of_type("conversation.created"), "data", "state", to="closed"),
    setting(of_type("conversation.message.created"), "data", "id", to="ms_1"),
    setting(of_type("conversation.updated"), "data", "read", to={}),
    setting(of_type("conversation.closed"), "data", "close_reason", to="bored"),
    setting(of_type("delivery.updated"), "data", "state", to="lost"),
    setting(of_type("number.unrouted"), "data", "peers", to=[]),
])
def test_a_body_that_differs_from_its_schema_is_noticed(seen, change):
    bodies = {target: changed(answer, change) for target, answer in seen.items()}
    broken = {target: answer for target, answer in bodies.items() if answer is not None}
    assert broken, "no answer could be changed"
    for target, answer in broken.items():
        with pytest.raises(contract.Broken):
            contract.contract().check("GET", target, answer)


def test_a_status_a_content_type_and_a_path_that_are_not_described_are_noticed(seen):
    good = seen["/v1/conversations"]
    refused = seen["/v1/conversations?limit=0"]
    for target, answer in [
            ("/v1/conversations", api_client.Response(202, good.headers, good.body)),
            ("/v1/conversations", api_client.Response(500, refused.headers, refused.body)),
            ("/v1/conversations", api_client.Response(403, refused.headers, refused.body)),
            ("/v1/conversations", api_client.Response(
                200, {**good.headers, "content-type": "text/html"}, good.body)),
            ("/v1/conversations", api_client.Response(503, refused.headers, refused.body)),
            ("/v1/new", good), ("/v1/conversations/", good), ("/v1/events/", refused)]:
        with pytest.raises(contract.Broken):
            contract.contract().check("GET", target, answer)
    with pytest.raises(contract.Broken):
        contract.contract().check("DELETE", "/v1/conversations", good)
