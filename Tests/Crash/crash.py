#!/usr/bin/env python3
"""Kills a live run again and again, and looks for what it lost or did twice.

    crash.py [options] PROGRAM

A simulated venue plays a seeded flow with faults. `PROGRAM run` listens to it and is killed (SIGKILL) at
seeded moments and started again at once: a third of them while it starts and rebuilds, a third as soon as
its log is written to, a third anywhere. After each kill, on a copy of what it left:

- SQLite's integrity check passes, and each signal stands beside the order that it is about;
- every order, tick and signal that was there before is still there, unchanged and in its place;
- what a reader saw shortly before the kill is there, and so is every signal that was printed.

In the end the flow is waited for. Then the journal holds the orders that the venue says it sent, each as
often as it happened; no signal stands there twice; and the rules, run over the journal's own orders, ticks
and gaps in one go, make the same signals in the same order.

Exit code: 0 all of this holds, 1 something does not, 2 the test itself could not be made.
"""

import argparse
import collections
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

# Low thresholds, so that there are many signals.
PARAMETERS = ["whale_order.min_usd=500", "wallet_velocity.over_usd=1000", "whale_cluster.min_usd=300",
              "sweep.min_usd=1000", "sweep.min_fills=3", "sweep.min_move=0.01"]

CONFIGURATION = """
durability: normal
feeds:
  venue:
    kind: dome
    url: ws://127.0.0.1:{port}
    rest: http://127.0.0.1:{port}
    audit: 1s
    margin: 3s
    overlap: {overlap}s
    requests_per_second: 200
    silence: 1s
    reconnect: 20ms
    reconnect_limit: 500ms
"""

# What `debug again` prints of a signal; `late` is not among it.
SIGNAL = ("lower(hex(id)) AS id, rule, version, seq, t, severity, title, key, market, token, side, user, "
          "confidence, data, fold_count, warming, data_gap")


class Unusable(Exception):
    """The test could not be made."""


class Trial:
    """A venue, a journal, and the runs that are killed over it."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.dice = random.Random(options.seed)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("BETTERBOT_") and not name.lower().endswith("_proxy")}
        # Another run on this machine may have the usual port.
        self.environment["BETTERBOT_API_LISTEN"] = "off"
        self.db = self.file("journal.db")
        self.violations = []
        self.before = {"events": [], "ticks": [], "gap_events": [], "signals": []}
        self.promised = {"events": 0, "signals": 0}
        self.started = 0
        self.kills = collections.Counter()
        self.processes = []

    def file(self, name):
        return os.path.join(self.folder, name)

    def complain(self, words):
        self.violations.append(words)
        print(f"crash: after {sum(self.kills.values())} kills: {words}", file=sys.stderr, flush=True)

    def spawn(self, arguments, name):
        """Starts the program; what it prints is added to files of that name."""
        with open(self.file(name + ".out"), "ab") as output, open(self.file(name + ".err"), "ab") as errors:
            process = subprocess.Popen(
                [self.options.program] + arguments, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=errors)
        self.processes.append(process)
        return process

    def end_all(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    # MARK: The venue

    def start_venue(self):
        options = self.options
        self.venue = self.spawn([
            "simulate", "--generate", str(options.orders), "--seed", str(options.seed),
            "--speed", f"{options.pace}x", "--twins", "0.0005", "--faults", str(options.faults),
            "--duplicate-rate", "0.01", "--reorder-rate", "0.01", "--rest-error-rate", "0.05",
            "--rest-lag", "1500ms", "--sent", self.file("sent.jsonl")], "venue")
        for _ in range(1000):
            with open(self.file("venue.out"), encoding="ascii") as output:
                line = output.readline()
            if line.endswith("\n"):
                port = line.strip().rpartition(":")[2]
                break
            if self.venue.poll() is not None:
                raise Unusable(f"the simulator ended: {self.last_words('venue')}")
            time.sleep(0.02)
        else:
            raise Unusable("the simulator names no port")
        self.status_url = f"http://127.0.0.1:{port}/simulator/status"
        with open(self.file("run.yaml"), "w", encoding="ascii") as configuration:
            configuration.write(CONFIGURATION.format(port=port, overlap=5 * self.options.pace))

    def venue_status(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.status_url, timeout=30) as answer:
            return json.load(answer)

    def last_words(self, name):
        with open(self.file(name + ".err"), encoding="utf-8", errors="replace") as errors:
            return " / ".join(errors.read().strip().splitlines()[-3:])

    # MARK: Killing

    def start_run(self):
        self.started += 1
        words = ["run", "--config", self.file("run.yaml"), "--rules", self.options.rules, "--db", self.db,
                 "--format", "ndjson"]
        for parameter in PARAMETERS:
            words += ["--param", parameter]
        return self.spawn(words, "run")

    def kill_once(self, turn):
        """One run from its start to its kill."""
        kind = ("at the start", "in a commit", "anywhere")[turn % 3]
        run = self.start_run()
        if kind == "at the start":
            time.sleep(self.dice.uniform(0, self.options.startup))
        else:
            time.sleep(self.dice.uniform(0.1, self.options.longest))
        # A reader must not hold a lock on what is killed while it starts: it may not exist yet.
        if kind == "anywhere":
            self.look()
        if kind == "in a commit":
            self.await_write(run)
        if run.poll() is not None:
            self.complain(f"the run ended by itself with {run.returncode}: {self.last_words('run')}")
        run.kill()
        run.wait()
        self.kills[kind] += 1

    def await_write(self, run):
        """Returns as soon as something is written to the journal's log, or after half a second."""
        def state():
            try:
                found = os.stat(self.db + "-wal")
            except OSError:
                return None
            return found.st_size, found.st_mtime_ns
        before, end = state(), time.monotonic() + 0.5
        while state() == before and time.monotonic() < end and run.poll() is None:
            pass

    def look(self):
        """Notes what a reader sees now: it is committed, so it must survive."""
        try:
            database = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
            try:
                for table, column in (("events", "seq"), ("signals", "n")):
                    found = database.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]
                    self.promised[table] = max(self.promised[table], found or 0)
            finally:
                database.close()
        except sqlite3.Error:
            # The file may be about to be made, or to be recovered.
            pass

    # MARK: What a kill leaves

    def check(self):
        """Looks at a copy, so that the next run finds what the kill has left and recovers it itself."""
        if not os.path.exists(self.db):
            return
        copy = self.file("copy.db")
        for ending in ("", "-wal", "-shm"):
            if os.path.exists(copy + ending):
                os.remove(copy + ending)
        for ending in ("", "-wal"):
            if os.path.exists(self.db + ending):
                shutil.copyfile(self.db + ending, copy + ending)
        database = sqlite3.connect(copy)
        try:
            self.check_tables(database)
        except sqlite3.Error as error:
            self.complain(f"the journal cannot be read: {error}")
        finally:
            database.close()

    def check_tables(self, database):
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            self.complain(f"integrity check: {verdict}")
        if database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            if self.before["events"]:
                self.complain("the journal is empty")
            return
        tables = {
            "events": "SELECT seq, identity, t, late FROM events ORDER BY seq",
            "ticks": "SELECT seq, t FROM ticks ORDER BY seq",
            "gap_events": "SELECT seq, source, from_t, to_t, backfilled FROM gap_events ORDER BY seq",
            "signals": "SELECT n, id, seq, severity, title FROM signals ORDER BY n",
        }
        for name, query in tables.items():
            rows, before = database.execute(query).fetchall(), self.before[name]
            if rows[:len(before)] != before:
                self.complain(f"of {len(before)} {name} that were committed {len(set(before) - set(rows))} "
                              "are lost or changed")
            newest = rows[-1][0] if rows else 0
            if newest < self.promised.get(name, 0):
                self.complain(f"a reader had seen {name} up to {self.promised[name]}, the last is {newest}")
            self.before[name] = rows
        alone = database.execute(
            "SELECT count(*) FROM signals WHERE has_order AND seq NOT IN (SELECT seq FROM events)"
        ).fetchone()[0]
        if alone:
            self.complain(f"{alone} signals without their order")
        held = {row[1].hex() for row in self.before["signals"]}
        lost = sum(1 for shown in self.shown() if shown not in held)
        if lost:
            self.complain(f"{lost} signals that were printed are not in the journal")

    def shown(self):
        """The ids of the signals that all runs together have printed."""
        with open(self.file("run.out"), "rb") as output:
            *lines, _ = output.read().split(b"\n")
        return [json.loads(line)["id"] for line in lines if line.startswith(b"{")]

    # MARK: The end

    def finish(self):
        """Lets a last run catch up, then ends it in an orderly way."""
        run = self.start_run()
        end, patience = time.monotonic() + self.options.timeout, None
        while time.monotonic() < end:
            if run.poll() is not None:
                self.complain(f"the last run ended with {run.returncode}: {self.last_words('run')}")
                break
            status = self.venue_status()
            if status["finished"]:
                # What is not there half a minute later is lost; what comes twice comes with the next audits.
                patience = patience or time.monotonic() + 30
                if self.count("events") >= status["sent"]:
                    time.sleep(3)
                    break
                if time.monotonic() > patience:
                    break
            time.sleep(0.2)
        else:
            raise Unusable("the flow did not come to its end in time")
        run.send_signal(signal.SIGTERM)
        if run.wait(timeout=30) != 0:
            self.complain(f"the last run ended with {run.returncode}: {self.last_words('run')}")
        self.status = self.venue_status()
        self.venue.send_signal(signal.SIGTERM)
        self.venue.wait(timeout=30)

    def count(self, table):
        database = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        try:
            return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        except sqlite3.OperationalError:
            return 0
        finally:
            database.close()

    def compare(self):
        """Compares the journal with what was sent, and with a run that nothing disturbed."""
        database = sqlite3.connect(self.db)
        database.row_factory = sqlite3.Row
        events = database.execute("SELECT * FROM events ORDER BY seq").fetchall()
        self.compare_orders(events)
        signals = [{name: row[name] for name in row.keys()}
                   for row in database.execute(f"SELECT {SIGNAL} FROM signals ORDER BY n")]
        database.close()
        for row in signals:
            row["data"] = json.loads(row["data"] or "null")
            # A line of JSON says these only when they are so.
            for mark in ("warming", "data_gap"):
                if not row[mark]:
                    del row[mark]
                else:
                    row[mark] = True
        self.signals = len(signals)
        if len({one["id"] for one in signals}) != len(signals):
            self.complain("a signal is there twice")
        self.compare_signals(signals, self.undisturbed())

    def compare_orders(self, events):
        with open(self.file("sent.jsonl"), encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        self.sent = len(rows)
        sent = collections.Counter(
            (row["tx_hash"], row["token_id"], row["user"], row["side"], row["shares"],
             round(row["price"] * 1_000_000)) for row in rows)
        stored = collections.Counter(
            (row["tx_hash"], row["token_id"], row["user"], row["side"], row["shares"], row["price"])
            for row in events)
        lost, more = sent - stored, stored - sent
        if lost:
            self.complain(f"{lost.total()} orders are lost, the first {next(iter(lost))}")
        if more:
            self.complain(f"{more.total()} orders are there too often, the first {next(iter(more))}")

    def undisturbed(self):
        """The signals that the rules make of the journal's own orders, ticks and gaps in their order."""
        words = [self.options.program, "debug", "again", "--rules", self.options.rules, "--db", self.db]
        for parameter in PARAMETERS:
            words += ["--param", parameter]
        result = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Unusable(f"debug again ended with {result.returncode}: {result.stderr.strip()}")
        return [json.loads(line) for line in result.stdout.splitlines()]

    def compare_signals(self, signals, expected):
        if signals == expected:
            return
        mine = {one["id"]: one for one in signals}
        theirs = {one["id"]: one for one in expected}
        more = [mine[one] for one in mine if one not in theirs]
        less = [theirs[one] for one in theirs if one not in mine]
        changed = [(mine[one], theirs[one]) for one in mine if one in theirs and mine[one] != theirs[one]]
        for rows, words in ((more, "come from nothing"), (less, "are missing"),
                            (changed, "are not as they should be")):
            if rows:
                self.complain(f"{len(rows)} signals {words}, the first {rows[0]}")
        if not more and not less and not changed:
            self.complain("the signals stand in another order")

    def run(self):
        began = time.monotonic()
        self.start_venue()
        for turn in range(self.options.kills):
            self.kill_once(turn)
            self.check()
        under_load = self.venue_status()["sent"] < self.options.orders
        self.finish()
        self.check()
        self.compare()
        shown = self.shown()
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        print(f"{sum(self.kills.values())} kills ({kinds}), "
              f"{len(self.before['events'])} of {self.sent} orders, "
              f"{self.signals} signals, {len(shown) - len(set(shown))} shown again, "
              f"{sum(self.status['faults'].values())} faults, {time.monotonic() - began:.0f} s: "
              f"{len(self.violations)} violations")
        if not under_load:
            raise Unusable("the flow was over before the last kill; take more orders")
        if not self.signals:
            raise Unusable("there was no signal, so none could be lost")


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="how often the run is killed")
    parser.add_argument("--seed", type=int, default=1, help="of the dice and of the flow")
    parser.add_argument("--pace", type=int, default=10,
                        help="how much faster than the wall's event time runs, so that windows end within "
                        "the test; a hundred times as many orders come a second")
    parser.add_argument("--orders", type=int, default=0, help="length of the flow; else enough for the kills")
    parser.add_argument("--faults", type=int, default=0, help="faults of the venue; else two a kill")
    parser.add_argument("--startup", type=float, default=0.25, help="the latest kill at the start, seconds")
    parser.add_argument("--longest", type=float, default=1.6, help="the latest kill of others, seconds")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for the flow after the kills")
    parser.add_argument("--rules", default=os.path.join(root, "rules"), help="the folder of rules")
    parser.add_argument("--keep", action="store_true", help="keep the folder, and say where it is")
    parser.add_argument("program", help="the betterbot binary")
    options = parser.parse_args()
    options.orders = options.orders or int(options.kills * options.longest * 100 * options.pace)
    options.faults = options.faults or 2 * options.kills
    folder = tempfile.mkdtemp(prefix="crash-")
    trial = Trial(options, folder)
    try:
        trial.run()
    except (Unusable, OSError, subprocess.SubprocessError) as error:
        print(f"crash: {error}", file=sys.stderr)
        return 1 if trial.violations else 2
    finally:
        trial.end_all()
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if trial.violations else 0


if __name__ == "__main__":
    sys.exit(main())
