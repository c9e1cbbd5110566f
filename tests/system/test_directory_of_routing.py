"""The entries of the directory that say where messages go, and when: business hours, rules, data
actions, inboxes' settings, and the settings of the organisation."""

import pytest

import directory_file

HOURS = {"id": "office", "time_zone": "Europe/Berlin",
         "periods": [{"days": ["mon"], "from": "09:00", "to": "17:30"}]}
CONSENT = {"reads_keywords": True, "scope": "number", "intent": "off", "intent_phrases": [],
           "keywords": []}
ACTION = {"id": "crm", "url": "https://crm.example.com/ask", "secret": "the-crms-own-secret"}


def created(api, path, entry):
    answer = api.post(path, entry)
    assert answer.status == 201, answer
    return answer.json()


def patched(api, path, change):
    answer = api.request("PATCH", path, body=change)
    assert answer.status == 200, answer
    return answer.json()


def refused(answer, status, code, *words):
    assert (answer.status, answer.code) == (status, code), answer
    for word in words:
        assert word in answer.json()["detail"]


# -- inboxes --------------------------------------------------------------------------------------

def test_an_inbox_has_a_strategy_steps_of_escalation_hours_and_automatic_replies(broker):
    api = broker.api()
    created(api, "/v1/business-hours", HOURS)
    created(api, "/v1/data-actions", ACTION)
    settings = {"strategy": "round_robin", "available_only": True, "max_open_per_user": 3,
                "escalation": [{"after_s": 60, "user": "carol", "team": None},
                               {"after_s": 120, "user": None, "team": "sales"}],
                "reopen_within_s": 3600, "history": "from_join", "business_hours": "office",
                "data_action": "crm"}
    assert settings.items() <= patched(api, "/v1/inboxes/support", settings).items()
    shown = patched(api, "/v1/inboxes/support", {"auto_replies": [
        {"text": "Wir haben zu.", "when": {"hours": "outside", "countries": ["DE"]}},
        {"text": "We are closed.", "when": {"hours": "outside"}},
        {"text": "Soon."}]})
    assert [reply["text"] for reply in shown["auto_replies"]] == ["Wir haben zu.",
                                                                  "We are closed.", "Soon."]
    assert shown["auto_replies"][0]["when"]["countries"] == ["DE"]
    assert patched(api, "/v1/inboxes/support", shown) == shown
    broker.provision.write_text("")
    broker.crash_and_restart()
    assert broker.api().read("/v1/inboxes/support") == shown


@pytest.mark.parametrize("change, where, why", [
    ({"strategy": "shortest"}, "`strategy`", "round_robin"),
    ({"available_only": "yes"}, "`available_only`", "true or false"),
    ({"max_open_per_user": -1}, "`max_open_per_user`", "from 0"),
    ({"escalation": [{"after_s": 60, "user": "zoe"}]}, "`escalation[0].user`", "the user `zoe`"),
    ({"escalation": [{"after_s": 60, "team": "night"}]}, "`escalation[0].team`", "`night`"),
    ({"escalation": [{"after_s": 60, "user": "bob", "team": "sales"}]}, "`escalation[0].user`",
     "not both"),
    ({"escalation": [{"after_s": 60}]}, "`escalation[0].user`", "`team`"),
    ({"escalation": [{"after_s": 0, "user": "bob"}]}, "`escalation[0].after_s`", "from 1"),
    ({"escalation": [{"after_s": 60, "user": "bob"}, {"after_s": 59, "user": "alice"}]},
     "`escalation[1].after_s`", "less than"),
    ({"escalation": [{"after_s": 60, "user": "bob"}] * 17}, "`escalation`", "16"),
    ({"escalation": [{"after": 60, "user": "bob"}]}, "`escalation[0]`", "`after`"),
    ({"escalation": {"after_s": 60}}, "`escalation`", "array"),
    ({"history": "some"}, "`history`", "from_join"),
    ({"business_hours": "night"}, "`business_hours`", "`night`"),
    ({"data_action": "gone"}, "`data_action`", "`gone`"),
    ({"reopen_within_s": -1}, "`reopen_within_s`", "from 0"),
    ({"auto_replies": [{"text": "x" * 1601}]}, "`auto_replies[0].text`", "1600"),
    ({"auto_replies": [{"text": "Hi", "when": {"countries": ["Germany"]}}]},
     "`auto_replies[0].when.countries`", "`Germany`"),
    ({"auto_replies": [{"text": "Hi", "when": {"body_matches": "("}}]},
     "`auto_replies[0].when.body_matches`", "regular expression"),
    ({"auto_replies": [{"text": "Hi", "when": {"nobody": 1}}]}, "`auto_replies[0]`", "`nobody`"),
    ({"auto_replies": [{"text": "Hi"}] * 33}, "`auto_replies`", "32"),
])
def test_an_unsound_setting_of_an_inbox_is_refused_by_its_place(broker, change, where, why):
    before = broker.api().read("/v1/inboxes/support")
    answer = broker.api().request("PATCH", "/v1/inboxes/support", body=change)
    refused(answer, 400, "malformed", where, why)
    assert broker.api().read("/v1/inboxes/support") == before


# -- business hours, rules, data actions ----------------------------------------------------------

@pytest.mark.parametrize("change, where, why", [
    ({"time_zone": "Europe/Atlantis"}, "`time_zone`", "tz database"),
    ({"time_zone": "../../etc/passwd"}, "`time_zone`", "tz database"),
    ({"periods": [{"days": ["mon"], "from": "9:00", "to": "17:00"}]}, "`periods[0]`", "09:00"),
    ({"periods": [{"days": ["mon"], "from": "17:00", "to": "09:00"}]}, "`periods[0].to`", "after"),
    ({"periods": [{"days": ["someday"], "from": "09:00", "to": "17:00"}]}, "`periods[0].days`",
     "`someday`"),
    ({"periods": [{"days": [], "from": "09:00", "to": "17:00"}]}, "`periods[0].days`", "one day"),
    ({"holidays": ["2026-02-30"]}, "`holidays`", "`2026-02-30`"),
])
def test_unsound_business_hours_are_refused(broker, change, where, why):
    refused(broker.api().post("/v1/business-hours", {**HOURS, **change}), 400, "malformed",
            where, why)
    assert broker.api().items("/v1/business-hours") == []


@pytest.mark.parametrize("rule, where, why", [
    ({"id": "test"}, "`id`", "`test`"),
    ({"users": ["zoe"]}, "`users`", "the user `zoe`"),
    ({"teams": ["night"]}, "`teams`", "the team `night`"),
    ({"strategy": "round_robin", "users": ["bob"]}, "`strategy`", "needs `teams`"),
    ({"priority": "highest"}, "`priority`", "urgent"),
    ({"data_action": "gone"}, "`data_action`", "`gone`"),
    ({"labels": ["x" * 65]}, "`labels`", "64"),
    ({"auto_reply": "x" * 1601}, "`auto_reply`", "1600"),
    ({"when": {"numbers": ["+15550109999"]}}, "`when.numbers`", "`+15550109999`"),
    ({"when": {"channels": ["fax"]}}, "`when.channels`", "`fax`"),
    ({"when": {"senders": ["who is it"]}}, "`when.senders`", "addresses"),
    ({"when": {"languages": ["German"]}}, "`when.languages`", "de-AT"),
    ({"when": {"body_matches": "(never"}}, "`when.body_matches`", "regular expression"),
    ({"when": {"body_matches": "x" * 513}}, "`when.body_matches`", "512"),
    ({"when": {"attribute_value": "gold"}}, "`when.attribute_value`", "`attribute`"),
    ({"when": {"hours": "never"}}, "`hours`", "outside"),
    ({"when": []}, "`when`", "object"),
    ({"position": 1.5}, "`position`", "whole number"),
])
def test_an_unsound_rule_is_refused(broker, rule, where, why):
    refused(broker.api().post("/v1/rules", {"id": "complaints", **rule}), 400, "malformed",
            where, why)
    assert broker.api().items("/v1/rules") == []


@pytest.mark.parametrize("change, where", [
    ({"url": "ftp://crm.example.com"}, "`url`"),
    ({"url": "https://me@crm.example.com"}, "`url`"),
    ({"url": "/ask"}, "`url`"),
    ({"secret": "fifteen-letters"}, "`secret`"),
    ({"secret": "x" * 513}, "`secret`"),
    ({"secret": None}, "`secret`"),
    ({"trigger": "always"}, "`trigger`"),
])
def test_an_unsound_data_action_is_refused(broker, change, where):
    refused(broker.api().post("/v1/data-actions", {**ACTION, **change}), 400, "malformed", where)


def test_a_data_action_never_shows_its_secret(broker):
    api = broker.api()
    answers = [api.post("/v1/data-actions", ACTION), api.get("/v1/data-actions"),
               api.get("/v1/data-actions/crm"),
               api.request("PATCH", "/v1/data-actions/crm",
                           body={"secret": "another-secret-of-its"})]
    for answer in answers:
        assert answer.status in (200, 201)
        assert b"secret" not in answer.body


def test_what_rules_inboxes_and_keys_refer_to_is_in_use(broker):
    api = broker.api()
    created(api, "/v1/users", {"id": "erin"})
    created(api, "/v1/users", {"id": "frank"})
    created(api, "/v1/users", {"id": "grace"})
    created(api, "/v1/teams", {"id": "night", "members": []})
    created(api, "/v1/teams", {"id": "late", "members": []})
    created(api, "/v1/business-hours", HOURS)
    created(api, "/v1/data-actions", ACTION)
    created(api, "/v1/numbers", {"address": "+15550100009", "channels": ["sms"], "link": "tw"})
    created(api, "/v1/rules", {"id": "complaints", "users": ["erin"], "teams": ["night"],
                               "when": {"numbers": ["+15550100009"]}, "data_action": "crm"})
    created(api, "/v1/keys", {"name": "franks", "scopes": ["events:read"], "user": "frank"})
    patched(api, "/v1/inboxes/support", {"business_hours": "office", "escalation": [
        {"after_s": 60, "user": "grace"}, {"after_s": 90, "team": "late"}]})
    for path, user in [("/v1/users/erin", "the rule `complaints`"),
                       ("/v1/users/frank", "the key `franks`"),
                       ("/v1/users/grace", "the inbox `support`"),
                       ("/v1/teams/night", "the rule `complaints`"),
                       ("/v1/teams/late", "the inbox `support`"),
                       ("/v1/numbers/+15550100009", "the rule `complaints`"),
                       ("/v1/business-hours/office", "the inbox `support`"),
                       ("/v1/data-actions/crm", "the rule `complaints`")]:
        refused(api.request("DELETE", path), 409, "in_use", user)
        assert api.get(path).status == 200
    refused(api.request("PATCH", "/v1/data-actions/crm", body={"trigger": "outbound"}), 409,
            "in_use", "the rule `complaints`")
    assert api.request("DELETE", "/v1/rules/complaints").status == 204
    assert api.request("DELETE", "/v1/data-actions/crm").status == 204


def test_an_organisation_has_at_most_a_thousand_rules(broker):
    text = "".join(f'[[organization.rule]]\nid = "rule-{i}"\n' for i in range(1000))
    broker.provision.write_text('[[organization]]\nid = "demo"\nname = "Demo Ltd"\n' + text)
    broker.crash_and_restart()
    refused(broker.api().post("/v1/rules", {"id": "one-more"}), 422, "too_many", "1000")
    patched(broker.api(), "/v1/rules/rule-7", {"position": 7})


def test_a_key_acts_for_a_user_that_there_is(broker):
    refused(broker.api().post("/v1/keys", {"name": "x", "scopes": ["*"], "user": "zoe"}), 400,
            "malformed", "`user`", "`zoe`")


# -- the organisation itself ----------------------------------------------------------------------

def test_the_organisation_shows_its_settings_and_takes_others(broker):
    api = broker.api()
    created(api, "/v1/business-hours", HOURS)
    created(api, "/v1/data-actions", ACTION)
    created(api, "/v1/data-actions", {**ACTION, "id": "gate", "trigger": "outbound"})
    before = api.read("/v1/organization")
    assert before == {"id": "demo", "name": "Demo Ltd", "time_zone": "America/New_York",
                      "default_inbox": None, "close_after_s": 2592000, "inactive_after_s": 0,
                      "business_hours": None, "data_action": None, "outbound_data_action": None,
                      "hide_contact_numbers": False, "consent": CONSENT,
                      "prices": {"currency": None, "sms": []}}
    change = {"name": "Demo GmbH", "time_zone": "Europe/Berlin", "default_inbox": "support",
              "close_after_s": 3600, "inactive_after_s": 60, "business_hours": "office",
              "data_action": "crm", "outbound_data_action": "gate", "hide_contact_numbers": True,
              "consent": {**CONSENT, "scope": "organization"},
              "prices": {"currency": "EUR", "sms": [{"to": "+49", "per_segment": "0.0790"}]}}
    after = patched(api, "/v1/organization", change)
    assert after == {"id": "demo", **change}
    assert patched(api, "/v1/organization", after) == after
    broker.provision.write_text("")
    broker.crash_and_restart()
    assert broker.api().read("/v1/organization") == after
    other = broker.api(directory_file.OTHER_KEY).read("/v1/organization")
    assert (other["id"], other["hide_contact_numbers"]) == ("other", False)
    for path in ("/v1/business-hours/office", "/v1/data-actions/crm", "/v1/data-actions/gate"):
        refused(broker.api().request("DELETE", path), 409, "in_use", "of the organization")


@pytest.mark.parametrize("change, where", [
    ({"id": "demo-2"}, "`id`"),
    ({"name": None}, "`name`"),
    ({"time_zone": "Atlantis"}, "`time_zone`"),
    ({"default_inbox": "night"}, "`default_inbox`"),
    ({"close_after_s": 0}, "`close_after_s`"),
    ({"business_hours": "night"}, "`business_hours`"),
    ({"data_action": "gone"}, "`data_action`"),
    ({"outbound_data_action": "gone"}, "`outbound_data_action`"),
    ({"hide_contact_numbers": 1}, "`hide_contact_numbers`"),
    ({"prices": {"currency": "euro"}}, "`prices.currency`"),
    ({"prices": {"currency": "EUR", "sms": [{"to": "+49"}]}}, "`prices.sms[0].per_segment`"),
    ({"prices": {"currency": "EUR", "sms": [{"to": "+49", "per_segment": 0.079}]}},
     "in `prices`: in `sms[0]`: `per_segment` must be a string"),
    ({"users": []}, "`users`"),
])
def test_an_unsound_setting_of_the_organisation_is_refused(broker, change, where):
    before = broker.api().read("/v1/organization")
    refused(broker.api().request("PATCH", "/v1/organization", body=change), 400, "malformed", where)
    assert broker.api().read("/v1/organization") == before


def test_an_outbound_data_action_is_for_outbound_conversations_and_no_others(broker):
    created(broker.api(), "/v1/data-actions", ACTION)
    created(broker.api(), "/v1/data-actions", {**ACTION, "id": "gate", "trigger": "outbound"})
    for change in ({"data_action": "gate"}, {"outbound_data_action": "crm"}):
        refused(broker.api().request("PATCH", "/v1/organization", body=change), 400, "malformed",
                "outbound")


def test_the_default_inbox_that_is_set_gets_what_was_nobodys(broker):
    patched(broker.api(), "/v1/organization", {"default_inbox": "support"})
    broker.receive(directory_file.SPARE_NUMBER, "+15551230001", "Anybody?")
    assert broker.conversation_with("+15551230001")["team"] == "support"


def test_the_settings_need_the_directorys_scopes(broker):
    reader = broker.api(directory_file.READ_KEY)
    assert reader.get("/v1/organization").code == "forbidden"
    assert reader.request("PATCH", "/v1/organization", body={"name": "X"}).code == "forbidden"
