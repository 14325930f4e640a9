#!/usr/bin/env python3
"""Checks webhooks with a receiver that has its own library for signatures.

    webhooks.py [options] PROGRAM

Needs the package `standardwebhooks` from PyPI, unless told to check by itself. A simulated venue plays a seeded flow, `PROGRAM run` makes signals
of it and posts them to a receiver of this script, which accepts a delivery only when the library does. Meanwhile

- the secret is rotated: for a while both secrets must do, and the receiver then trusts the new one alone;
- the receiver holds what it got and answers nothing, and the run is killed (SIGKILL) with deliveries committed
  and not sent; then killed some more times at seeded moments, and started again each time.

In the end every signal of the journal was delivered, whose body is that of the journal; nothing was delivered that
is not in it; no delivery was refused by the library; and nothing waits. What comes twice has the same `webhook-id`.

Exit code: 0 all of this holds, 1 something does not, 2 the test itself could not be made.
"""

import argparse
import base64
import collections
import hashlib
import hmac
import http.server
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

try:
    from standardwebhooks import Webhook
except ImportError:
    Webhook = None

# Low thresholds, so that there are many signals.
PARAMETERS = ["whale_order.min_usd=500", "wallet_velocity.over_usd=1000", "whale_cluster.min_usd=300",
              "sweep.min_usd=1000", "sweep.min_fills=3", "sweep.min_move=0.01"]

CONFIGURATION = """
feeds:
  venue:
    kind: dome
    url: ws://127.0.0.1:{port}
    rest: http://127.0.0.1:{port}
    audit: 1s
    margin: 3s
    requests_per_second: 200
    reconnect: 20ms
    reconnect_limit: 500ms
"""


class Unusable(Exception):
    """The test could not be made."""


class OwnCheck:
    """What the library does, in a few lines, for where it is not installed."""

    def __init__(self, secret):
        self.key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)

    def verify(self, body, headers):
        if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
            raise ValueError("the timestamp is too old or too new")
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        if not any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" ")):
            raise ValueError("no signature matches")


class Receiver:
    """Accepts what the library accepts with one of the secrets it trusts."""

    def __init__(self, check):
        self.check = check
        self.lock = threading.Lock()
        self.trusted = []
        self.delivered = collections.Counter()
        self.bodies = {}
        self.both = 0
        self.refused = []
        self.held = 0
        self.open = threading.Event()
        self.open.set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not receiver.open.is_set():
                    with receiver.lock:
                        receiver.held += 1
                    receiver.open.wait()
                    # It is not noted: whoever sent it is gone.
                    self.close_connection = True
                    return
                status = receiver.take(body, dict(self.headers.items()))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """Connections of a run that was killed end in the middle."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body, headers):
        headers = {name.lower(): value for name, value in headers.items()}
        with self.lock:
            passed, why = 0, ""
            for secret in self.trusted:
                try:
                    self.check(secret).verify(body, headers)
                    passed += 1
                except Exception as error:  # Whatever the library has against it.
                    why = f"{type(error).__name__}: {error}"
            if not passed:
                self.refused.append(f"{headers.get('webhook-id')}: {why}")
                return 400
            self.both += passed == 2
            data = json.loads(body)["data"]
            self.delivered[(headers["webhook-id"], data["id"])] += 1
            self.bodies[data["id"]] = data
            return 204

    def count(self):
        with self.lock:
            return len(self.delivered)


class Trial:
    """A venue, a receiver, a journal, and the runs over it."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.dice = random.Random(options.seed)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("BETTERBOT_") and not name.lower().endswith("_proxy")}
        self.db = self.file("journal.db")
        self.receiver = Receiver(OwnCheck if options.own_check else Webhook)
        self.violations = []
        self.processes = []
        self.killed_with = []

    def file(self, name):
        return os.path.join(self.folder, name)

    def complain(self, text):
        self.violations.append(text)
        print(f"violation: {text}", file=sys.stderr)

    def spawn(self, words, name):
        with open(self.file(name + ".out"), "ab") as output, open(self.file(name + ".err"), "ab") as errors:
            process = subprocess.Popen([self.options.program] + words, env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        self.processes.append(process)
        return process

    def end_all(self):
        self.receiver.open.set()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def await_until(self, what, condition, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Unusable(f"{what} did not come about within {seconds} s: {self.last_words('run')}")
            time.sleep(0.05)

    def last_words(self, name):
        with open(self.file(name + ".err"), encoding="utf-8", errors="replace") as errors:
            return " / ".join(errors.read().strip().splitlines()[-3:])

    def command(self, words, text=""):
        """Runs `PROGRAM webhook ...`; returns the secret that it printed, if any."""
        done = subprocess.run([self.options.program, "webhook"] + words + ["--config", self.file("run.yaml"),
                                                                          "--db", self.db],
                              env=self.environment, input=text, capture_output=True, text=True, timeout=60,
                              check=False)
        if done.returncode != 0:
            raise Unusable(f"webhook {words[0]}: {done.stderr.strip()}")
        found = [line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("secret: ")]
        return found[0] if found else None

    def start_venue(self):
        options = self.options
        venue = self.spawn(["simulate", "--generate", str(options.orders), "--seed", str(options.seed),
                            "--speed", f"{options.pace}x"], "venue")
        line = ""

        def named():
            nonlocal line
            if venue.poll() is not None:
                raise Unusable(f"the simulator ended: {self.last_words('venue')}")
            with open(self.file("venue.out"), encoding="ascii") as output:
                line = output.readline()
            return line.endswith("\n")
        self.await_until("the simulator's port", named)
        with open(self.file("run.yaml"), "w", encoding="ascii") as configuration:
            configuration.write(CONFIGURATION.format(port=line.strip().rpartition(":")[2]))

    def start_run(self):
        words = ["run", "--config", self.file("run.yaml"), "--rules", self.options.rules, "--db", self.db,
                 "--format", "ndjson"]
        for parameter in PARAMETERS:
            words += ["--param", parameter]
        self.run = self.spawn(words, "run")

    def rows(self, query):
        database = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=30)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def waiting(self):
        return self.rows("SELECT count(*) FROM outbox WHERE dead_ms IS NULL")[0][0]

    def kill(self):
        if self.run.poll() is not None:
            raise Unusable(f"the run ended by itself with {self.run.returncode}: {self.last_words('run')}")
        self.run.kill()
        self.run.wait()
        self.killed_with.append(self.waiting())

    def more(self, count):
        goal = self.receiver.count() + count
        self.await_until(f"{count} more deliveries", lambda: self.receiver.count() >= goal)

    def play(self):
        receiver = self.receiver
        self.start_venue()
        url = f"http://127.0.0.1:{receiver.port}/hook?key=URLSECRET"
        first = self.command(["add", "-", "--name", "receiver", "--allow-private"], url)
        receiver.trusted = [first]
        self.start_run()
        self.more(20)
        with receiver.lock:
            second = self.command(["rotate", "receiver"])
            receiver.trusted = [first, second]
        self.await_until("deliveries with two signatures", lambda: receiver.both >= 10)
        with receiver.lock:
            receiver.trusted = [second]
        self.more(10)
        # Between commit and send: four are held, the others have not even been sent.
        receiver.open.clear()
        self.await_until("deliveries that wait", lambda: receiver.held >= 4 and self.waiting() >= 20)
        self.kill()
        if self.killed_with[-1] < 20:
            self.complain(f"only {self.killed_with[-1]} deliveries were left by a kill, 20 had been committed")
        receiver.open.set()
        for _ in range(self.options.kills):
            self.start_run()
            time.sleep(self.dice.uniform(0.3, 2.5))
            self.kill()
        # What was held too long has failed, and may have minutes to wait for its next try.
        self.command(["resume", "receiver"])
        self.start_run()
        quiet = [0, time.monotonic()]

        def finished():
            signals = self.rows("SELECT count(*) FROM signals")[0][0]
            if signals != quiet[0] or self.waiting():
                quiet[:] = [signals, time.monotonic()]
            return time.monotonic() - quiet[1] > 3
        self.await_until("the end of the flow with nothing that waits", finished, self.options.timeout)
        self.run.send_signal(signal.SIGTERM)
        if self.run.wait(timeout=30) != 0:
            self.complain(f"the last run ended with {self.run.returncode}: {self.last_words('run')}")
        self.secrets = [first, second, "URLSECRET"]

    def compare(self):
        receiver = self.receiver
        stored = {row[0]: row for row in self.rows(
            "SELECT lower(hex(id)), n, title, rule, seq FROM signals ORDER BY n")}
        delivered = {identifier for _, identifier in receiver.delivered}
        self.signals = len(stored)
        lost, strange = set(stored) - delivered, delivered - set(stored)
        if lost:
            self.complain(f"{len(lost)} signals were not delivered")
        if strange:
            self.complain(f"{len(strange)} deliveries are of no signal in the journal")
        names = collections.Counter(identifier for _, identifier in receiver.delivered)
        if any(count > 1 for count in names.values()):
            self.complain("a signal was delivered under two ids")
        for identifier, data in receiver.bodies.items():
            row = stored.get(identifier)
            if row and (data["n"], data["title"], data["rule"], data["seq"]) != row[1:]:
                self.complain(f"the delivery of signal {row[1]} is not what the journal has")
        for text in receiver.refused[:5]:
            self.complain(f"refused: {text}")
        left = self.rows("SELECT count(*) FROM outbox")[0][0]
        if left:
            self.complain(f"{left} deliveries are left")
        for name in ("run.out", "run.err"):
            with open(self.file(name), encoding="utf-8", errors="replace") as output:
                text = output.read()
            if any(secret in text for secret in self.secrets):
                self.complain(f"{name} has a secret")

    def summary(self):
        deliveries = self.receiver.delivered.total()
        return (f"{self.signals} signals, {deliveries} deliveries accepted, {len(self.receiver.refused)} refused, "
                f"{self.receiver.both} with two signatures; {len(self.killed_with)} kills left "
                f"{sum(self.killed_with)} deliveries; {deliveries - len(self.receiver.delivered)} came again; "
                f"{len(self.violations)} violations")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--orders", type=int, default=6000)
    parser.add_argument("--pace", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=240)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--rules", default=os.path.join(here, "..", "..", "rules"))
    parser.add_argument("--own-check", action="store_true", help="check signatures without the library")
    options = parser.parse_args()
    if not options.own_check and Webhook is None:
        print("webhooks.py needs the package standardwebhooks: pip install standardwebhooks", file=sys.stderr)
        return 2
    options.program = os.path.abspath(options.program)
    with tempfile.TemporaryDirectory(prefix="betterbot-webhooks-") as folder:
        os.chmod(folder, 0o700)
        trial = Trial(options, folder)
        try:
            trial.play()
            trial.compare()
        except Unusable as reason:
            print(f"the test could not be made: {reason}", file=sys.stderr)
            return 1 if trial.violations else 2
        finally:
            trial.end_all()
        print(trial.summary())
        return 1 if trial.violations else 0


if __name__ == "__main__":
    sys.exit(main())
