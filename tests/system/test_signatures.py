"""The tests' own signatures, against the published vectors: a wrong one would prove nothing."""

import twilio_callbacks


def test_the_signature_of_a_form_is_the_published_one():
    parameters = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
                  "From": "+14158675309", "To": "+18005551212"}
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio_callbacks.signature("12345", url, parameters) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_signature_of_a_body_that_is_no_form_is_the_published_one():
    url = ("https://example.com/cb?bodySHA256="
           "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862")
    assert twilio_callbacks.body_signature("12345", url) == "1GgN8nEpt8zPd8zDAaVw1GrLTTo="
