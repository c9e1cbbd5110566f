"""What the history must keep to of I8: no number sends more than its rate over any window, plus the
stated burst, whatever is killed meanwhile.

As in `checker.py`, of which these are a part: each rule is a pure function from a history to the
sentences that say how it was broken.
"""

import bisect

from organisation import BULK_NUMBER, BULK_RATE

# One message, and what 20 ms pay for (`carrier::number_allowance`).
BURST = 1 + 0.02 * BULK_RATE
# The carrier sees receipts: what was handed over earlier can come later, on a busy machine by so
# much. A rate that is charged wrongly, or forgotten by a restart, is exceeded by far more.
LATE_MS = 250
WINDOWS_MS = (1_000, 5_000, 20_000)


def no_rate_is_exceeded(history):
    """I8: everything that the carrier was asked to send from the number of the bulk jobs."""
    times = sorted(send.received_ms for send in history.sends if send.ours == BULK_NUMBER)
    for window in WINDOWS_MS:
        allowed = BULK_RATE * (window + LATE_MS) / 1_000 + BURST
        for place, begin in enumerate(times):
            count = bisect.bisect_left(times, begin + window) - place
            if count > allowed:
                yield f"{count} sends within {window} ms from {begin}, {allowed:.0f} are allowed"
                break


RULES = (no_rate_is_exceeded,)
