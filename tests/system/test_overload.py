"""R7: more than the broker can take is an ordinary state. It says so early, keeps what it has
acknowledged, grows by nothing, and goes on as before when it is over."""

import http.client
import threading

import twilio_callbacks
from directory_file import SUPPORT_NUMBER, TOKEN

CLIENTS = 64          # Many times what the bound below lets in at once.
WAVES = 3
CALLS = 150           # Of each client in each wave.
GROWTH_KIB_MAX = 48 * 1024


class Client(threading.Thread):
    """One connection that posts callbacks as quickly as it is answered, whatever the answer."""

    def __init__(self, broker, name, wave):
        super().__init__()
        self._broker = broker
        self._name = name
        self._wave = wave
        self.taken, self.shed, self.odd = [], [], []

    def run(self):
        connection = http.client.HTTPConnection(self._broker.host, self._broker.port, timeout=60)
        path = "/carriers/twilio/tw/inbound"
        for place in range(CALLS):
            parameters = twilio_callbacks.inbound(
                SUPPORT_NUMBER, f"+1555{5000000 + self._name * 7 + place % 7}",
                f"{self._wave} {self._name} {place}")
            signature = twilio_callbacks.signature(TOKEN, self._broker.public_url + path,
                                                   parameters)
            connection.request("POST", path, twilio_callbacks.encode(parameters),
                               {"Content-Type": twilio_callbacks.FORM,
                                "X-Twilio-Signature": signature})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.taken.append(parameters["MessageSid"])
            elif answer.status == 503 and answer.getheader("Retry-After"):
                self.shed.append(parameters["MessageSid"])
            else:
                self.odd.append(answer.status)
        connection.close()


def overload(broker, wave):
    """All clients at once; what they were answered."""
    clients = [Client(broker, name, wave) for name in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert [status for one in clients for status in one.odd] == []
    return ([sid for one in clients for sid in one.taken],
            [sid for one in clients for sid in one.shed])


def resident_kib(broker):
    """The most memory that it ever had."""
    with open(f"/proc/{broker.process.pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def test_under_overload_it_sheds_early_keeps_its_word_and_does_not_grow(make_broker):
    broker = make_broker(config={"limits": {"commands_in_flight_max": 2}}).start()
    taken, shed = [], []
    grown = []
    for wave in range(WAVES):
        now_taken, now_shed = overload(broker, wave)
        taken += now_taken
        shed += now_shed
        grown.append(resident_kib(broker))
    assert shed, "the bound was never reached, so nothing was proved"
    assert taken, "shedding must not mean that nobody is served"
    assert grown[-1] - grown[0] < GROWTH_KIB_MAX, f"memory by wave: {grown} KiB"

    kept = [event["data"]["provider_id"] for event in
            broker.api().events(types="conversation.message.created")
            if event["data"]["direction"] == "inbound"]
    assert sorted(kept) == sorted(taken), "acknowledged is kept, shed is not"

    # When it is over, everything is taken at once again: nothing of the load is left in a queue.
    broker.receive(SUPPORT_NUMBER, "+15556000000", "afterwards")
    assert broker.api().read("/v1/conversations", address="+15556000000")["items"]
