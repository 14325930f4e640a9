#!/usr/bin/env python3
"""Holds the API to its document with schemathesis: thousands of requests, right ones and wrong ones.

    api.py [--tests] [--cases 3000] [--examples 400] [PROGRAM]

PROGRAM is betterbot: `PROGRAM run` serves the API over a journal that a simulated venue fills. With --tests it is the
program of the tests, which holds a server open over a journal with something of everything. The first run installs
schemathesis below .build-conformance/.

Against `PROGRAM run` wrong credentials are not tried: an address that shows ten of them is told 429, not 401.

/v1/events is left out, for its answer has no end; the tests of the contract ask it. Exits with 1 when anything is not
as the document says, and when fewer cases than --cases were made.
"""

import argparse
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VERSION = "4.32.5"


def tool():
    """The program schemathesis, installed if need be."""
    venv = ROOT / ".build-conformance" / "venv"
    program = venv / "bin" / "schemathesis"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "pip"), "install", "-q", f"schemathesis=={VERSION}"], check=True)
    return program


CONFIGURATION = """
api:
  listen: 127.0.0.1:{api}
  requests_per_second: 100000
  streams_per_token: 4096
feeds:
  venue:
    kind: dome
    url: ws://127.0.0.1:{venue}
    rest: http://127.0.0.1:{venue}
"""


def free_port():
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds, look, processes):
    """What `look` returns once that is something."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and all(process.poll() is None for process in processes):
        found = look()
        if found:
            return found
        time.sleep(0.05)
    for process in processes:
        process.kill()
    sys.exit(f"{what} did not come about")


class Held:
    """A server that the tests hold open until a file is gone."""

    excluded = []

    def __init__(self, tests, folder):
        self.file = pathlib.Path(folder) / "hold"
        self.log = open(pathlib.Path(folder) / "log", "wb")
        self.process = subprocess.Popen(
            [tests, "--testing-library", "swift-testing", "--filter", "HoldTests"],
            env={**os.environ, "BETTERBOT_API_HOLD": str(self.file)}, stdout=self.log, stderr=self.log)

    def __enter__(self):
        def look():
            text = self.file.read_text() if self.file.exists() else ""
            return text.split() if text.endswith("\n") else None
        return wait_for("the server", 60, look, [self.process])

    def __exit__(self, *_):
        ended = self.process.poll() is not None
        self.file.unlink(missing_ok=True)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = -9
        self.log.close()
        if ended or code != 0:
            sys.exit(f"the server ended with {code}")


class Run:
    """`betterbot run` over a simulated venue, in a folder of its own."""

    excluded = ["ignored_auth"]

    def __init__(self, program, folder):
        self.program = str(pathlib.Path(program).resolve())
        self.folder = pathlib.Path(folder)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("BETTERBOT_")}
        self.processes = []

    def spawn(self, words, name):
        with open(self.folder / f"{name}.out", "wb") as output, open(self.folder / f"{name}.err", "wb") as errors:
            process = subprocess.Popen([self.program, *words], env=self.environment, cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        self.processes.append(process)

    def look(self, url, token=None):
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read()
        except (urllib.error.URLError, OSError):
            return None

    def __enter__(self):
        shutil.copytree(ROOT / "rules", self.folder / "rules")
        self.spawn(["simulate", "--generate", "20000", "--speed", "20x"], "venue")
        venue = wait_for("the venue", 60, lambda: re.search(r":(\d+)\n", (self.folder / "venue.out").read_text()),
                         self.processes).group(1)
        url = f"http://127.0.0.1:{free_port()}"
        (self.folder / "run.yaml").write_text(CONFIGURATION.format(api=url.rpartition(":")[2], venue=venue))
        self.spawn(["run", "--config", "run.yaml", "--rules", "rules", "--db", "run.db", "--format", "ndjson",
                    "--param", "whale_order.min_usd=500"], "run")
        wait_for("the API", 60, lambda: self.look(f"{url}/healthz"), self.processes)
        made = subprocess.run([self.program, "token", "create", "conformance", "--role", "admin", "--config",
                               "run.yaml", "--db", "run.db"], env=self.environment, cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=True)
        token = made.stdout.strip()
        # Something to read there must be.
        wait_for("a signal", 60, lambda: b'"id"' in (self.look(f"{url}/v1/signals?limit=1", token) or b""),
                 self.processes)
        return url, token

    def __exit__(self, *_):
        code = self.processes[-1].poll()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        if code is not None:
            sys.exit(f"the run ended with {code}: {(self.folder / 'run.err').read_text()[-2000:]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("--tests", action="store_true", help="let the tests hold the server")
    parser.add_argument("--cases", type=int, default=3000, help="how many cases there must be at least")
    parser.add_argument("--examples", type=int, default=400, help="how many each operation is given at most")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = tool()
    with tempfile.TemporaryDirectory(prefix="betterbot-api-") as folder:
        name = "betterbotPackageTests.xctest" if options.tests else "betterbot"
        path = options.program or str(ROOT / ".build/debug" / name)
        server = Held(path, folder) if options.tests else Run(path, folder)
        with server as (url, token):
            environment = {
                **os.environ, "BETTERBOT_TOKEN": token, "SCHEMATHESIS_HOOKS": "api_hooks", "PYTHONPATH": str(HERE)}
            result = subprocess.run(
                [program, "--config-file", HERE / "api.toml", "run", f"{url}/openapi.json", "--checks", "all",
                 "--mode", "all", "--phases", "examples,coverage,fuzzing,stateful", "--exclude-path", "/v1/events",
                 "--max-examples", str(options.examples), "--seed", str(options.seed), "--no-color",
                 "--generation-database", "none"]
                + [word for check in server.excluded for word in ("--exclude-checks", check)],
                env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    text = result.stdout.replace(token, "TOKEN")
    print(text)
    found = re.search(r"(\d[\d,]*) generated", text)
    cases = int(found.group(1).replace(",", "")) if found else 0
    print(f"{cases} cases, exit code {result.returncode}")
    if result.returncode != 0 or cases < options.cases:
        sys.exit(1)


if __name__ == "__main__":
    main()
