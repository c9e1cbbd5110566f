"""The organisation of a crash run: the tests' usual one, with an inbox that gives its conversations
to one of the team and escalates, one whose conversations a data action is asked about, and two
webhooks."""

import json

import directory_file

DESK_NUMBER = "+15550100004"
ASKED_NUMBER = "+15550100005"
BULK_NUMBER = "+15550100006"  # Nobody writes there: what bulk jobs do is theirs alone.
BULK_RATE = 200.0             # Few enough that a kill always meets a job that is running.
TEAMS = {"support": ("alice", "bob"), "desk": ("dora", "emil"), "asked": ("dora", "fay")}
DESK_MAX_OPEN = 3          # Few enough that the queue of the desk always waits for somebody.
ESCALATED_TO = "fay"
ACTION_TIMEOUT_MS = 300    # Of one of two tries.
WEBHOOK_TIMEOUT_MS = 300   # Of one of many.
WEBHOOK_SECRET = "a-secret-of-the-organisation"
# Webhook → what it is told. Not the deliveries: they are most of the journal, and say nothing of
# webhooks that the others do not.
WEBHOOKS = {
    "feed": ("conversation.created", "conversation.message.created", "conversation.updated",
             "conversation.claimed", "conversation.released", "conversation.closed"),
    "farewells": ("conversation.closed", "consent.changed"),
}

# What people say about their consent, and what they are answered: the broker's own words.
OPT_OUT, OPT_IN, OPT_IN_AGAIN, HELP = "STOP", "Start!", "yes", "HELP"
GOODBYE = "You will receive no more messages from us. Reply START to receive them again."
ANSWERS = {  # Text → the words that it may answer. The same text goes to many people.
    GOODBYE: {OPT_OUT},
    "You will receive our messages again. Reply STOP to receive no more.": {OPT_IN, OPT_IN_AGAIN},
    "Reply STOP to receive no more messages from us, START to receive them again.": {HELP},
}

_MORE = """
  [[organization.user]]
  id = "dora"
  name = "Dora"
  licence = "pro_cx"

  [[organization.user]]
  id = "emil"
  name = "Emil"
  licence = "pro_cx"

  [[organization.user]]
  id = "fay"
  name = "Fay"
  licence = "pro_cx"

  [[organization.team]]
  id = "desk"
  members = ["dora", "emil"]

  [[organization.inbox]]
  team = "desk"
  strategy = "round_robin"
  max_open_per_user = {max_open}

    [[organization.inbox.escalation]]
    after_s = 1
    user = "{escalated_to}"

  [[organization.number]]
  address = "{desk_number}"
  channels = ["sms"]
  link = "tw"
  inbox = "desk"
  rate = 2000.0

  [[organization.number]]
  address = "{bulk_number}"
  channels = ["sms"]
  link = "tw"
  user = "alice"
  rate = {bulk_rate}

  [[organization.data_action]]
  id = "crm"
  url = "{action_url}"
  secret = "sixteen-or-more-characters"
  trigger = "conversation_opened"

  [[organization.team]]
  id = "asked"
  members = ["dora", "fay"]

  [[organization.inbox]]
  team = "asked"
  data_action = "crm"

  [[organization.number]]
  address = "{asked_number}"
  channels = ["sms"]
  link = "tw"
  inbox = "asked"
  rate = 2000.0

{webhooks}
[[organization]]
id = "other"
"""

_WEBHOOK = """  [[organization.webhook]]
  id = "{webhook}"
  url = "{hook_url}/{webhook}"
  secret = "{secret}"
  types = {types}
"""


def provision(api_base, public_url, action_url, hook_url):
    """The provisioning text."""
    text = directory_file.directory(api_base=api_base, public_url=public_url,
                                    inbox_close_after_s=4, rate=2000.0)
    more = _MORE.format(max_open=DESK_MAX_OPEN, escalated_to=ESCALATED_TO, action_url=action_url,
                        desk_number=DESK_NUMBER, asked_number=ASKED_NUMBER,
                        bulk_number=BULK_NUMBER, bulk_rate=BULK_RATE,
                        webhooks="\n".join(
                            _WEBHOOK.format(webhook=webhook, hook_url=hook_url,
                                            secret=WEBHOOK_SECRET, types=json.dumps(types))
                            for webhook, types in WEBHOOKS.items()))
    return text.replace('[[organization]]\nid = "other"\n', more.lstrip("\n"), 1)
