#!/usr/bin/env python3
"""Attacks a run of the program as somebody on the same machine could, and looks at what came of it.

    hostile.py secrets|targets|rules|floods [--log-format text|json] PROGRAM

secrets: drives the API and the webhooks with secrets of every kind in places right and wrong, at the log level trace;
         then none is found in the log, the metrics, the answers, the journal or the arguments of the processes.
targets: webhooks to this machine, to link-local addresses and to names that lead there are added over the API and the
         command line; signals flow, and nobody ever connected to those places.
rules:   ids of rules that are paths are put, deleted and resumed; no file has changed.
floods:  connections that say nothing, too much, or read nothing, from several addresses; another address is served
         meanwhile, the feed goes on, and the memory stays within 64 MiB of what it was.

Exit code: 0 all of this holds, 1 something does not, 2 the test itself could not be made.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

PARAMETERS = ["whale_order.min_usd=500", "wallet_velocity.over_usd=1000", "whale_cluster.min_usd=300"]
HERE = os.path.dirname(os.path.abspath(__file__))

CONFIGURATION = """
db: a.db
rules: own
api:
  listen: 127.0.0.1:0
  requests_per_second: 10000
  jwt: {{jwks: keys.json, role_claim: role}}
feeds:
  venue:
    kind: dome
    url: ws://127.0.0.1:{port}
    rest: http://127.0.0.1:{port}
    audit: 1s
"""


class Unusable(Exception):
    """The test could not be made."""


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Run:
    """A venue with a key, and the program that listens to it, in a folder of their own."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.feed_key = "feedkey-" + os.urandom(16).hex()
        self.jwt_key = os.urandom(32)
        self.processes, self.arguments, self.told = [], [], []
        shutil.copytree(os.path.join(HERE, "..", "..", "rules"), self.file("own"))
        with open(self.file("keys.json"), "w", encoding="ascii") as keys:
            json.dump({"keys": [{"kty": "oct", "alg": "HS256", "k": encode(self.jwt_key)}]}, keys)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("BETTERBOT_")}
        self.environment["BETTERBOT_FEEDS_VENUE_KEY"] = self.feed_key
        self.environment["NO_COLOR"] = "1"
        self.configure(1)

    def configure(self, port):
        with open(self.file("run.yaml"), "w", encoding="ascii") as configuration:
            configuration.write(CONFIGURATION.format(port=port))

    def file(self, name):
        return os.path.join(self.folder, name)

    def spawn(self, words, name, environment):
        streams = [open(self.file(name + suffix), "wb") for suffix in (".out", ".err")]
        process = subprocess.Popen([self.options.program] + words, cwd=self.folder, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=streams[0], stderr=streams[1])
        for stream in streams:
            stream.close()
        self.processes.append(process)
        return process

    def said(self, name):
        with open(self.file(name), "r", encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def until(self, what, condition, seconds=60):
        end = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > end:
                raise Unusable(f"{what} did not come about; the run said last: {self.said('run.err')[-600:]}")
            time.sleep(0.05)

    def start(self, speed="40x"):
        # It goes on for as long as the test does.
        self.spawn(["simulate", "--generate", "100000", "--seed", "1", "--speed", speed, "--key", self.feed_key],
                   "venue", self.environment)
        pattern = re.compile(r"127\.0\.0\.1:(\d+)")
        find = lambda: pattern.search(self.said("venue.out") + self.said("venue.err"))
        venue = int(self.until("the venue", find).group(1))
        self.configure(venue)
        words = ["run", "--config", "run.yaml", "--format", "ndjson", "--log-level", "trace",
                 "--log-format", self.options.log_format]
        for parameter in PARAMETERS:
            words += ["--param", parameter]
        self.process = self.spawn(words, "run", self.environment)
        listens = re.compile(r"API listens on http:(?:\\?/){2}127\.0\.0\.1:(\d+)")
        self.port = int(self.until("the API", lambda: listens.search(self.said("run.err"))).group(1))
        self.note_arguments(self.process)

    def note_arguments(self, process):
        with open(f"/proc/{process.pid}/cmdline", "rb") as arguments:
            self.arguments.append(arguments.read().replace(b"\0", b" ").decode())

    def command(self, words, text=None, shown=True):
        """Runs a command, whose arguments are noted while it waits for its input."""
        process = subprocess.Popen([self.options.program] + words + ["--config", "run.yaml"], cwd=self.folder,
                                   env=self.environment, text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.note_arguments(process)
        output, errors = process.communicate(text, timeout=60)
        # What shows a secret once shows it on the standard output.
        self.told.append((" ".join(words), errors + (output if shown else "")))
        return process.returncode, output, errors

    def ask(self, method, path, headers=None, body=None, shown=True):
        """Asks the API; an answer that shows a secret once is not `shown`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            if shown:
                self.told.append((f"{method} answered {answer.status}", f"{answer.headers}{text}"))
            return answer.status, text
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()

    def raw(self, text, seconds=2):
        """Sends bytes as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as peer:
            answer = b""
            try:
                peer.sendall(text.encode("latin-1"))
                while len(answer) < 100_000:
                    more = peer.recv(65536)
                    if not more:
                        break
                    answer += more
                    if b"hello" in answer:
                        break
            except OSError:
                pass
        # What a stream says is signals.
        self.told.append(("raw bytes", answer[:2000].decode("utf-8", "replace")))
        return answer

    def stop(self):
        if self.process.poll() is not None:
            raise Unusable(f"the run ended by itself: {self.said('run.err')[-600:]}")
        self.process.terminate()
        return self.process.wait(timeout=60)

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def web_token(self, role, key=None):
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": "desk", "role": role, "exp": int(time.time()) + 600}]
        text = ".".join(encode(json.dumps(part).encode()) for part in parts)
        return text + "." + encode(hmac.new(key or self.jwt_key, text.encode(), hashlib.sha256).digest())


class Place:
    """Listens, answers each request in the same way, and knows how many came."""

    def __init__(self, address="127.0.0.1", status=200, location=None):
        self.requests = 0
        place = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

            def verify_request(self, *_):
                # Whoever connects has come, whatever they say then.
                place.requests += 1
                return True

        self.server = Server((address, 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def add_webhook(run, headers, name, url, **more):
    """Adds a webhook over the API; returns its status and its secret."""
    body = json.dumps({"name": name, "url": url, **more})
    status, text = run.ask("POST", "/v1/webhooks", {**headers, "Content-Type": "application/json"}, body, shown=False)
    return status, (json.loads(text).get("secret") if status == 201 else None)


def make_token(run, role):
    code, output, errors = run.command(["token", "create", f"test-{role}", "--role", role], shown=False)
    if code != 0:
        raise Unusable(f"no token was made: {errors}")
    return output.strip()


def attempt(run, name):
    """What the log says of the first attempts to deliver to a webhook."""
    pattern = re.compile(f"webhook {re.escape(name)}: .*")
    return run.until(f"an attempt of {name}", lambda: pattern.findall(run.said("run.err")))


# --- secrets


def drive(run, secrets):
    """Shows secrets to the program in places right and wrong; adds them to `secrets` by name."""
    tokens = {role: make_token(run, role) for role in ("viewer", "operator", "admin")}
    for role, token in tokens.items():
        secrets[f"the {role}'s token"] = token.split("_", 2)[2]
    run.start()
    admin = {"Authorization": "Bearer " + tokens["admin"]}
    viewer = {"Authorization": "Bearer " + tokens["viewer"]}
    good, broken = Place(), Place(status=500)
    away = Place(status=302, location="http://127.0.0.1:1/SECRETLOCATION")
    for name, url, more in [
            ("good", f"http://127.0.0.1:{good.port}", {"allow_private": True}),
            ("broken", f"http://127.0.0.1:{broken.port}", {"allow_private": True}),
            ("away", f"http://127.0.0.1:{away.port}", {"allow_private": True}),
            ("private", f"http://127.0.0.1:{good.port}", {}), ("closed", "http://127.0.0.1:1", {"allow_private": True}),
            ("nowhere", "http://nowhere.invalid", {}), ("chat", "https://nowhere.invalid", {"format": "discord"})]:
        word = os.urandom(9).hex()
        secrets[f"the path of {name}"], secrets[f"the query of {name}"] = "path" + word, "query" + word
        status, secret = add_webhook(run, admin, name, f"{url}/path{word}?key=query{word}", **more)
        if status != 201:
            raise Unusable(f"the webhook {name} was not added: {status}")
        if secret:
            secrets[f"the secret of {name}"] = secret.removeprefix("whsec_")
    # The same over the command line, whose url comes on the standard input.
    word = os.urandom(9).hex()
    secrets["the path of line"] = "path" + word
    code, output, errors = run.command(["webhook", "add", "-", "--name", "line", "--allow-private"],
                                       f"http://127.0.0.1:{broken.port}/path{word}\n", shown=False)
    if code != 0:
        raise Unusable(f"the webhook was not added: {errors}")
    secrets["the secret of line"] = re.search(r"whsec_(\S+)", output).group(1)
    status, text = run.ask("POST", "/v1/webhooks/broken/rotate", admin, shown=False)
    secrets["the second secret of broken"] = json.loads(text)["secret"].removeprefix("whsec_")

    secrets["a web token"] = run.web_token("admin").split(".")[2]
    secrets["a forged web token"] = forged = run.web_token("admin", b"x" * 32)
    secrets["the key of web tokens"] = encode(run.jwt_key)
    secrets["the feed's key"] = run.feed_key
    wrong = "bb_abcdefgh_" + encode(os.urandom(32))
    secrets["a wrong token"] = wrong.split("_", 2)[2]
    tickets = []
    for _ in range(4):
        ticket = json.loads(run.ask("POST", "/v1/tickets", viewer, shown=False)[1])["ticket"]
        secrets[f"ticket {len(tickets)}"] = ticket
        tickets.append(ticket)

    shown = [tokens["admin"], wrong, run.web_token("viewer"), forged, tickets[3], run.feed_key]
    for path in ["/v1/status", "/v1/signals", "/v1/tokens", "/v1/webhooks", "/v1/webhooks/broken", "/metrics", "/readyz"]:
        for secret in shown:
            for header in (f"Bearer {secret}", secret, "Basic " + base64.b64encode(f"a:{secret}".encode()).decode()):
                run.ask("GET", path, {"Authorization": header})
    for secret in shown:
        for method in ("GET", "PUT", "DELETE", "POST"):
            for path in (f"/v1/rules/{secret}", f"/{secret}", f"/v1/signals/{secret}", f"/v1/webhooks/{secret}/resend",
                         f"/v1/tokens/{secret}", f"/v1/status?access_token={secret}", f"/v1/signals?rule={secret}",
                         f"/v1/signals?{secret}=1", f"/v1/nothing?ticket={secret}", f"/v1/rules/x?{secret}"):
                run.ask(method, path, admin, body=secret if method == "PUT" else None)
        run.ask("GET", "/v1/status", {**viewer, "Cookie": secret, "Origin": f"https://{secret[:20]}.example",
                                      "Referer": f"http://127.0.0.1/?ticket={secret}"})
        run.ask("GET", "/v1/events", {**viewer, "Last-Event-ID": secret})
        run.ask("PUT", "/v1/rules/x", {**admin, "Content-Type": secret}, body="x")
        run.ask("POST", "/v1/webhooks", {**admin, "Content-Type": "application/json"}, json.dumps({secret: secret}))
        head = f"Host: localhost\r\nAuthorization: Bearer {secret}\r\n"
        for text in (f"GET /v1/status HTTP/1.1\r\n{head}X : y\r\n\r\n", f"GET /{secret} HTTP/1.1\r\n{head}Content-Length: x\r\n\r\n",
                     f"{secret} / HTTP/1.1\r\n{head}\r\n", f"GET / HTTP/3.{secret}\r\n{head}\r\n",
                     f"GET http://{secret}@localhost/v1/status HTTP/1.1\r\n{head}Connection: close\r\n\r\n"):
            run.raw(text)
    upgrade = ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
    for target, fields in [(f"/v1/stream?ticket={tickets[0]}", upgrade), (f"/v1/stream?ticket={tickets[0]}", upgrade),
                           (f"/v1/events?ticket={tickets[1]}", ""), (f"/v1/events?ticket={tickets[1]}", ""),
                           (f"/v1/stream?ticket={tickets[2]}&rule=", upgrade), (f"/v1/stream?ticket={wrong}", upgrade),
                           ("/v1/stream", f"{upgrade}Authorization: Bearer {tokens['viewer']}\r\n"),
                           ("/v1/stream", f"{upgrade}Sec-WebSocket-Protocol: bearer, {tokens['viewer']}\r\n")]:
        run.raw(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
    run.command(["token", "revoke", tokens["operator"].split("_")[1]])
    run.command(["token", "list"])
    run.command(["status"])
    run.command(["status", "--format", "json"])
    for name in ("good", "broken", "away", "private", "closed", "nowhere"):
        attempt(run, name)
        run.command(["webhook", "deliveries", name])
    run.command(["webhook", "list"])
    run.ask("GET", "/metrics", admin)
    return tokens, admin


def traces(secret):
    """Pieces of a secret that nobody else would write, in the ways in which they may be written."""
    for text in {secret, urllib.parse.quote(secret, safe=""), secret.encode().hex(),
                 base64.b64encode(secret.encode()).decode().rstrip("=")}:
        for start in range(0, max(1, len(text) - 15), 4):
            yield text[start:start + 16]


def check_modes(run, admin):
    """What lies in the folder is its owner's alone, or webhooks are refused."""
    complaints = []
    for name in ("a.db", "a.db-wal", "a.db-shm"):
        if os.stat(run.file(name)).st_mode & 0o777 != 0o600:
            complaints.append(f"{name} has the mode {os.stat(run.file(name)).st_mode & 0o777:o}")
    os.chmod(run.folder, 0o755)
    status, _ = add_webhook(run, admin, "open", "https://h.example")
    if status != 409:
        complaints.append(f"a webhook in a folder that is open to others was answered with {status}")
    os.chmod(run.folder, 0o700)
    os.chmod(run.file("a.db"), 0o644)
    status, _ = add_webhook(run, admin, "closed-again", "https://h.example")
    if status != 201 or os.stat(run.file("a.db")).st_mode & 0o777 != 0o600:
        complaints.append(f"a webhook did not close the journal to others: {status}")
    return complaints


def check_secrets(run):
    secrets = {}
    _, admin = drive(run, secrets)
    complaints = check_modes(run, admin)
    # Read while the run has it open, with what has not reached the database itself.
    stored = b"".join(open(run.file(name), "rb").read() for name in ("a.db", "a.db-wal"))
    dump = "\n".join(sqlite3.connect(f"file:{run.file('a.db')}?mode=ro", uri=True).iterdump())
    if run.stop() != 0:
        complaints.append("the run did not end well")
    texts = [("the log", run.said("run.err")), ("the output", run.said("run.out"))] + run.told
    texts += [("the arguments", arguments) for arguments in run.arguments]
    kept = stored.decode("latin-1") + dump
    for name, secret in secrets.items():
        pieces = list(traces(secret))
        for place, text in texts:
            # An answer may say again what its own request has said, but not what lets somebody in.
            if any(piece in text for piece in pieces):
                complaints.append(f"{name} stands in {place}")
        isStored = re.match(r"the (second )?(secret|path|query) of ", name)
        if not isStored and any(piece in kept for piece in pieces):
            complaints.append(f"{name} stands in the journal")
    log = run.said("run.err")
    if log.count("debug") < 100 or "broken" not in log:
        raise Unusable("the log says too little to be looked at")
    return complaints


# --- targets


def check_targets(run):
    admin_token = make_token(run, "admin")
    inner, inner6 = Place(), Place("::1")
    away = Place(status=307, location=f"http://127.0.0.1:{inner.port}/")
    urls = [f"http://127.0.0.1:{inner.port}/", f"http://[::1]:{inner6.port}/", f"http://localhost:{inner.port}/",
            f"http://localhost:{inner6.port}/", "http://169.254.169.254/latest/meta-data/",
            f"http://127.1:{inner.port}/", f"http://0x7f000001:{inner.port}/", f"http://2130706433:{inner.port}/",
            f"http://[::ffff:127.0.0.1]:{inner.port}/", f"http://0.0.0.0:{inner.port}/", f"http://[::]:{inner6.port}/",
            f"http://a:b@127.0.0.1:{inner.port}/"]
    if run.command(["webhook", "add", urls[0], "--name", "before"])[0] != 0:
        raise Unusable("no webhook was added before the run")
    # A proxy would connect in our place. The venue is asked without one.
    proxy = Place()
    for name in ("http_proxy", "https_proxy"):
        run.environment[name] = f"http://127.0.0.1:{proxy.port}"
    run.environment["no_proxy"] = "127.0.0.1"
    run.start()
    admin = {"Authorization": "Bearer " + admin_token}
    names = ["before"]
    for number, url in enumerate(urls):
        add_webhook(run, admin, f"api-{number}", url)
        run.command(["webhook", "add", url, "--name", f"line-{number}"])
        names += [f"api-{number}", f"line-{number}"]
    add_webhook(run, admin, "away", f"http://127.0.0.1:{away.port}/", allow_private=True)
    complaints = []
    for name in names:
        lines = attempt(run, name)
        if not all("is not public" in line for line in lines):
            complaints.append(f"{name}: {lines[:3]}")
    run.until("the redirect", lambda: away.requests > 1)
    if inner.requests + inner6.requests > 0:
        complaints.append(f"{inner.requests + inner6.requests} connections came to where none may go")
    if run.stop() != 0:
        complaints.append("the run did not end well")
    return complaints


# --- rules


def snapshot(folder):
    """Every file below a folder but the journal and the logs, with its bytes."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            if not name.startswith("a.db") and not name.endswith((".out", ".err")):
                path = os.path.join(place, name)
                found[path] = open(path, "rb").read() if os.path.isfile(path) else None
    return found


def check_rules(run):
    token = make_token(run, "operator")
    run.start()
    with open(run.file("victim.lua"), "w", encoding="ascii") as victim:
        victim.write("-- outside of the folder\n")
    os.symlink("../victim.lua", run.file("own/link.lua"))
    rule = open(run.file("own/whale_order.lua"), "rb").read()
    before = snapshot(run.folder)
    headers = {"Authorization": "Bearer " + token}
    complaints = []
    ids = ["..", "%2e%2e", ".", "..%2fvictim", "%2e%2e%2fvictim", "..%2F..%2Fetc%2Fpasswd", "%2fetc%2fpasswd", "a%00b",
           "victim%00", "%00", "a%2fb", "own%2fwhale_order", "a.lua", "A", "%252e%252e%252fvictim", "..%5cvictim",
           "../victim", "./../victim", "../../etc/passwd", "a" * 65, "%c0%ae%c0%ae%c0%afvictim", "con%0a"]
    for name in ids:
        for method, path in (("PUT", f"/v1/rules/{name}"), ("DELETE", f"/v1/rules/{name}"),
                             ("POST", f"/v1/rules/{name}/resume")):
            status, _ = run.ask(method, path, headers, rule if method == "PUT" else None)
            if status not in (400, 404, 405):
                complaints.append(f"{method} {path} was answered with {status}")
    for method in ("PUT", "DELETE"):
        answer = run.raw(f"{method} /v1/rules/a\0b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
        if b" 400 " not in answer[:20]:
            complaints.append(f"a NUL was answered with {answer[:30]}")
    if snapshot(run.folder) != before:
        complaints.append("files have changed")
    # What a link leads to is not written either, whatever becomes of the link.
    run.ask("PUT", "/v1/rules/link", headers, rule)
    run.ask("DELETE", "/v1/rules/link", headers)
    if open(run.file("victim.lua"), encoding="ascii").read() != "-- outside of the folder\n":
        complaints.append("a link led out of the folder")
    if run.stop() != 0:
        complaints.append("the run did not end well")
    return complaints


# --- floods


def check_floods(run):
    token = make_token(run, "viewer")
    # Slowly: what the rules remember is memory too.
    run.start("2x")
    headers = {"Authorization": f"Bearer {token}"}

    def memory():
        with open(f"/proc/{run.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def orders():
        status, text = run.ask("GET", "/v1/status", headers)
        if status != 200:
            raise Unusable(f"/v1/status was answered with {status}: {text[:200]}")
        return json.loads(text)["orders"]

    def connect(number):
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(5)
        peer.bind((f"127.0.1.{1 + number % 4}", 0))
        peer.connect(("127.0.0.1", run.port))
        peer.setblocking(False)
        return peer

    run.until("orders", lambda: orders() > 0)
    before, complaints = memory(), []
    head = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n"
    upgrade = (f"GET /v1/stream HTTP/1.1\r\n{head}Connection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()
    pings = (b"\x89\xfd\0\0\0\0" + b"p" * 125) * 500
    for name, count, first, more in [
            ("silence", 400, b"", b""), ("half heads", 400, b"GET /v1/status HT", b""),
            ("endless heads", 40, b"GET /v1/status HTTP/1.1\r\nX: ", b"a" * 65536),
            ("pipelines", 40, b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000),
            ("answers that nobody reads", 40, f"GET /metrics HTTP/1.1\r\n{head}\r\n".encode() * 16, b""),
            ("endless bodies", 40, f"PUT /v1/rules/x HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode(),
             b"10000\r\n" + b"a" * 65536 + b"\r\n"),
            ("streams that nobody reads", 40, f"GET /v1/events?after=0 HTTP/1.1\r\n{head}\r\n".encode(), b""),
            ("pings without end", 40, upgrade, pings)]:
        seen, peers = orders(), [connect(number) for number in range(count)]
        for turn in range(10):
            for peer in peers:
                try:
                    peer.send(more if turn else first)
                except OSError:
                    # Full, or closed by the other side.
                    pass
        run.until(f"new orders during {name}", lambda: orders() > seen)
        growth = memory() - before
        if growth > 64 << 10:
            complaints.append(f"{name}: the memory has grown by {growth} KiB")
        for peer in peers:
            peer.close()
        print(f"{name}: {growth:+} KiB", file=sys.stderr)
    if run.stop() != 0:
        complaints.append("the run did not end well")
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["secrets", "targets", "rules", "floods"])
    parser.add_argument("program")
    parser.add_argument("--log-format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="betterbot-hostile-") as folder:
        run = Run(options, folder)
        check = {"secrets": check_secrets, "targets": check_targets, "rules": check_rules,
                 "floods": check_floods}[options.what]
        try:
            complaints = check(run)
        except Unusable as error:
            print(error)
            return 2
        finally:
            run.end()
    for complaint in sorted(set(complaints)):
        print(complaint)
    print(f"{options.what}: {len(set(complaints))} violations")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
