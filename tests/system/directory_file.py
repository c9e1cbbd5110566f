"""Provisioning files (TOML) for the tests: two organisations, so that a leak between them shows."""

import json

ALICE_NUMBER = "+15550100001"     # Dedicated to alice.
SUPPORT_NUMBER = "+15550100002"   # The team inbox of support.
SPARE_NUMBER = "+15550100003"     # Assigned to nobody.
OTHER_NUMBER = "+15550200001"     # Belongs to the other organisation.

TOKEN = "demo-token"
OTHER_TOKEN = "other-token"
KEY = "demo-key"
READ_KEY = "read-key"
WRITE_KEY = "write-key"
OTHER_KEY = "other-key"

_TEMPLATE = """
[[organization]]
id = "demo"
name = "Demo Ltd"
time_zone = "America/New_York"
{organization_settings}

  [[organization.key]]
  name = "app"
  key = "demo-key"
  scopes = ["*"]

  [[organization.key]]
  name = "reader"
  key = "read-key"
  scopes = ["conversations:read"]

  [[organization.key]]
  name = "writer"
  key = "write-key"
  scopes = ["messages:write"]

  [[organization.user]]
  id = "alice"
  name = "Alice"
  licence = "pro_cx"
  extension = "101"

  [[organization.user]]
  id = "bob"
  name = "Bob"
  licence = "pro_cx"

  [[organization.user]]
  id = "carol"
  name = "Carol"
  licence = "standard"

  [[organization.team]]
  id = "support"
  members = ["alice", "bob", "carol"]

  [[organization.inbox]]
  team = "support"
  strategy = "{strategy}"
  outbound = "{outbound}"
{inbox_settings}

  [[organization.link]]
  id = "tw"
  format = "twilio"
  account_sid = "AC00000000000000000000000000000001"
  auth_token = "demo-token"
  api_base = "{api_base}"
  public_url = "{public_url}"

  [[organization.number]]
  address = "+15550100001"
  channels = ["sms", "mms"]
  link = "tw"
  user = "alice"
  rate = {rate}

  [[organization.number]]
  address = "+15550100002"
  channels = ["sms", "mms"]
  link = "tw"
  inbox = "support"
  rate = {rate}

  [[organization.number]]
  address = "+15550100003"
  channels = ["sms"]
  link = "tw"
  rate = {rate}

  [[organization.team]]
  id = "sales"
  members = ["bob"]

  [[organization.inbox]]
  team = "sales"
{caller_id_lists}
[[organization]]
id = "other"
name = "Other Ltd"
time_zone = "Europe/Berlin"

  [[organization.key]]
  name = "app"
  key = "other-key"
  scopes = ["*"]

  [[organization.user]]
  id = "oscar"
  name = "Oscar"
  licence = "pro_cx"

  [[organization.link]]
  id = "tw-other"
  format = "twilio"
  account_sid = "AC00000000000000000000000000000002"
  auth_token = "other-token"
  api_base = "{api_base}"
  public_url = "{public_url}"

  [[organization.number]]
  address = "+15550200001"
  channels = ["sms"]
  link = "tw-other"
  user = "oscar"
  rate = {rate}
"""


def directory(api_base="http://127.0.0.1:9", public_url="https://hooks.example.com",
              default_inbox=None, close_after_s=None, inactive_after_s=None,
              inbox_close_after_s=None, claim_expiry_s=None, auto_reply=None, outbound="forbidden",
              caller_ids=None, rate=1000.0, strategy="everyone", available_only=None,
              max_open_per_user=None):
    """The provisioning text. By default the carrier's API is a port where nobody listens, and the
    public URL is not where the broker listens: signatures must be checked against the former.
    `caller_ids`: for each number the users who may send from it."""
    settings = []
    if default_inbox is not None:
        settings.append(f'default_inbox = "{default_inbox}"')
    if close_after_s is not None:
        settings.append(f"close_after_s = {close_after_s}")
    if inactive_after_s is not None:
        settings.append(f"inactive_after_s = {inactive_after_s}")
    inbox = [f"  {name} = {json.dumps(value)}" for name, value in
             (("close_after_s", inbox_close_after_s), ("claim_expiry_s", claim_expiry_s),
              ("auto_reply", auto_reply), ("available_only", available_only),
              ("max_open_per_user", max_open_per_user)) if value is not None]
    lists = "".join(f"""
  [[organization.caller_id_list]]
  id = "list-{place}"
  numbers = ["{number}"]
  users = {json.dumps(users)}
""" for place, (number, users) in enumerate((caller_ids or {}).items()))
    return _TEMPLATE.format(api_base=api_base, public_url=public_url, rate=rate, outbound=outbound,
                            strategy=strategy,
                            organization_settings="\n".join(settings),
                            inbox_settings="\n".join(inbox), caller_id_lists=lists)
