"""Waiting for something to become true. The deadline only ends a failure; no test asserts one."""

import datetime
import time

DEADLINE_S = 60.0
INTERVAL_S = 0.01


class NeverHappened(AssertionError):
    """The condition did not become true before the deadline."""


def until(condition, what, deadline_s=DEADLINE_S):
    """Calls `condition` until it returns something true, and returns that."""
    end = time.monotonic() + deadline_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise NeverHappened(f"{what} did not happen within {deadline_s:.0f} s")
        time.sleep(INTERVAL_S)


def _seconds(moment):
    return datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def seconds_between(earlier, later):
    """From one RFC 3339 moment to another."""
    return _seconds(later) - _seconds(earlier)


def seconds_since(moment):
    """From an RFC 3339 moment to now."""
    return time.time() - _seconds(moment)
