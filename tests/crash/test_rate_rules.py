"""The rule of rates, tested as `test_checker.py` tests the others."""

import checker
import rate_rules
import test_checker
from history import Send
from organisation import BULK_NUMBER, BULK_RATE


def sends(*times_ms):
    return [Send(f"SM{place}", BULK_NUMBER, "+15554000001", f"text {place}", True,
                 received_ms=time_ms)
            for place, time_ms in enumerate(times_ms)]


def broken(times_ms):
    history = test_checker.build()
    history.sends = sends(*times_ms)
    return bool(list(rate_rules.no_rate_is_exceeded(history)))


def evenly(per_s, seconds):
    return [round(place * 1_000 / per_s) for place in range(round(per_s * seconds))]


def test_a_number_may_send_at_its_rate_for_ever():
    assert not broken(evenly(BULK_RATE, 60))


def test_a_tenth_too_much_is_noticed_in_a_long_window():
    assert broken(evenly(1.1 * BULK_RATE, 60))


def test_a_burst_that_a_restart_allows_again_is_noticed():
    assert broken(sorted(evenly(BULK_RATE, 2) + [1_000] * 80))


def test_the_rule_is_checked():
    assert set(rate_rules.RULES) <= set(checker.RULES)
