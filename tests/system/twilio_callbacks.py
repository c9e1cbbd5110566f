"""Twilio callbacks as a carrier makes them: identifiers, form bodies and signatures."""

import base64
import hashlib
import hmac
import itertools
import os
import urllib.parse

FORM = "application/x-www-form-urlencoded"

_run = os.urandom(8).hex()
_counter = itertools.count(1)


def new_sid(prefix="SM"):
    """An identifier that no other test of this machine uses: a run's random half and a count."""
    return f"{prefix}{_run}{next(_counter):016x}"


def signature(token, url, parameters):
    """X-Twilio-Signature: base64(HMAC-SHA1(token, url + key and value of each, sorted by key))."""
    text = url + "".join(key + value for key, value in sorted(parameters.items()))
    return sign_bytes(token, text.encode())


def sign_bytes(token, text):
    """base64(HMAC-SHA1(token, text)), for a text that was put together by hand."""
    return base64.b64encode(hmac.new(token.encode(), text, hashlib.sha1).digest()).decode()


def body_signature(token, url):
    """The signature of a body that is no form: the URL carries its digest, nothing else counts."""
    return signature(token, url, {})


def encode(parameters):
    """The form body of these parameters."""
    return urllib.parse.urlencode(parameters).encode()


def inbound(our_number, their_number, text, sid=None, **more):
    """The parameters of an inbound message."""
    sid = sid or new_sid()
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": "AC00000000000000000000000000000001",
        "From": their_number,
        "To": our_number,
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        **more,
    }


def status(sid, state, our_number, their_number, error_code=None):
    """The parameters of a delivery report."""
    parameters = {
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": state,
        "SmsStatus": state,
        "AccountSid": "AC00000000000000000000000000000001",
        "From": our_number,
        "To": their_number,
        "ApiVersion": "2010-04-01",
    }
    if error_code is not None:
        parameters["ErrorCode"] = str(error_code)
    return parameters
