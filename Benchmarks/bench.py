#!/usr/bin/env python3
"""make bench: how fast is BetterBot on the common job, beside the reference host, on this machine?

usage: bench.py [-r ROUNDS] [-n ORDERS] [--no-build] [--no-micro]

A million orders, three rules, signals stored in SQLite (README.md says what that job is). All engines
run in turn, round after round, so that noise hits all alike; the medians are compared. Exits 1 when an
engine stores wrong signals. Everything it makes is under Benchmarks/.data and can be deleted.
"""
import argparse
import collections
import hashlib
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
DATA = os.path.join(HERE, ".data")
SHARED = os.path.join(os.path.dirname(ROOT), "shared", "bench")
BETTERBOT = os.path.join(ROOT, ".build", "release", "betterbot")

# The common job's own data, and what every engine must find in it.
JOB_SHA256 = "84dadb60efaad8e67d41b6cbc761bca9bf5e48e90bf3b0e15e19e3f5eaeca999"
JOB_COUNTS = {"R1": 418, "R2": 4621, "R3": 16286}
JOB_CHECKSUM = "6ed8267c01ff5f25"
# Ratio of medians, and the most it may be.
LIMITS = [("windows", "reference", 0.50), ("windows", "native", None), ("plain", "reference", 1.00)]

Run = collections.namedtuple("Run", "wall cpu rss")


def fail(message):
    sys.exit("bench: " + message)


def machine():
    model = "unknown CPU"
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    print("machine   %s, %d cores, Linux %s, load %.1f" % (
        model, os.cpu_count(), platform.release(), os.getloadavg()[0]))
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, universal_newlines=True).stdout.strip()
    print("commit    %s" % (commit or "none"))


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        for block in iter(lambda: source.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def install_reference_needs():
    """What the reference host is built with, besides what `make deps` installs."""
    missing = []
    if not shutil.which("g++"):
        missing.append("g++")
    if not os.path.exists("/usr/include/simdjson.h"):
        missing.append("libsimdjson-dev")
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends"] + missing
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            fail("the reference host needs %s. As root, run: %s" % (" and ".join(missing), " ".join(command)))
        command = ["sudo"] + command
    subprocess.check_call(command)


def build_reference():
    """Copies the reference hosts, which are read-only where they are, and builds them. None without them."""
    if not os.path.isdir(SHARED):
        print("reference not here (no %s): only BetterBot's two spellings are compared" % SHARED)
        return None
    install_reference_needs()
    copy = os.path.join(DATA, "ref")
    for folder in ("gen", "host"):
        os.makedirs(os.path.join(copy, folder), exist_ok=True)
        for name in os.listdir(os.path.join(SHARED, folder)):
            source, target = os.path.join(SHARED, folder, name), os.path.join(copy, folder, name)
            if not os.path.exists(target) or open(source, "rb").read() != open(target, "rb").read():
                shutil.copyfile(source, target)
    subprocess.check_call(["make", "-s", "-C", os.path.join(copy, "host"), "host54"])
    return copy


def orders_file(count, reference):
    """The path of `count` generated orders; made anew unless the file's checksum is the remembered one."""
    size = "%dm" % (count // 1000000) if count % 1000000 == 0 else str(count)
    path = os.path.join(DATA, "%s_%s.jsonl" % ("orders" if reference else "own", size))
    note = path + ".sha256"
    known = open(note).read().strip() if os.path.exists(note) else None
    if known is None or not os.path.exists(path) or sha256(path) != known:
        print("generating %s" % os.path.relpath(path, ROOT), flush=True)
        if reference:
            command = [os.path.join(reference, "gen", "gen_orders.py"), "-n", str(count), "-o", path]
        else:
            command = [os.path.join(HERE, "generate_orders.py"), str(count), path]
        subprocess.check_call([sys.executable] + command)
        known = sha256(path)
        if reference and count == 1000000 and known != JOB_SHA256:
            fail("the generator gave other bytes than the job's: sha256 %s" % known)
        with open(note, "w") as out:
            out.write(known + "\n")
    with open(path, "rb") as source:                  # into the page cache, so that no run pays for the disk
        while source.read(1 << 22):
            pass
    return path


def engines(reference):
    """name -> function from (orders, database) to (arguments, extra environment)."""
    def spelling(name):
        rules = os.path.join(HERE, "rules", name)
        return lambda orders, db: (
            [BETTERBOT, "replay", "--rules", rules, "--db", db, "--threads", "1", orders], {})

    def host(mode, environment):
        folder = os.path.join(reference, "host")
        return lambda orders, db: (
            [folder + "/host54", mode, folder + "/rules.lua", orders, db], environment)

    result = collections.OrderedDict()
    if reference:
        result["reference"] = host("lazyi", {"GC": "gen"})
        result["native"] = host("native", {})
        result["parse"] = host("parse", {})
    result["windows"] = spelling("windows")
    result["plain"] = spelling("plain")
    return result


def database(name):
    path = os.path.join(DATA, "bench_%s.db" % name)
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.remove(path + suffix)
    return path


def measure(command, environment):
    """Runs one engine to its end: wall and CPU seconds, peak resident bytes."""
    with open(os.path.join(DATA, "last.log"), "w+") as log:
        start = time.perf_counter()
        whole = dict(os.environ, **environment)
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=whole)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = status
        if status != 0:
            log.seek(0)
            fail("%s failed (status %d):\n%s" % (" ".join(command), status, log.read()[-2000:]))
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def stored(name, path):
    """Signals a rule, and a checksum over (rule, order_hash) that does not depend on their order."""
    table = "signal_rows" if name in ("windows", "plain") else "signals"
    counts, total = {}, 0
    connection = sqlite3.connect(path)
    for rule, order in connection.execute("SELECT upper(rule), order_hash FROM " + table):
        counts[rule] = counts.get(rule, 0) + 1
        total += int.from_bytes(hashlib.sha1(("%s|%s" % (rule, order)).encode()).digest()[:8], "big")
    intact = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    if intact != "ok":
        fail("%s: the database is damaged: %s" % (name, intact))
    return counts, "%016x" % (total & (1 << 64) - 1)


def compare(found, is_job):
    """Whether every engine stored the same signals, and on the job's data the right ones."""
    right = (JOB_COUNTS, JOB_CHECKSUM) if is_job else found["windows"]
    good = True
    for name, (counts, checksum) in found.items():
        if (counts, checksum) != right:
            good = False
            print("WRONG     %s stored %s, checksum %s; expected %s, %s" % (
                name, counts, checksum, right[0], right[1]))
    if good:
        shown = ", ".join("%s %d" % item for item in sorted(right[0].items()))
        print("signals   %s, checksum %s: the same from %s" % (shown, right[1], ", ".join(found)))
    return good


def report(runs, orders):
    print("\n%-10s %9s %9s %12s %9s" % ("engine", "wall s", "CPU s", "orders/s", "peak MB"))
    middle = {}
    for name, list_of_runs in runs.items():
        wall = statistics.median(run.wall for run in list_of_runs)
        cpu = statistics.median(run.cpu for run in list_of_runs)
        rss = max(run.rss for run in list_of_runs)
        middle[name] = Run(wall, cpu, rss)
        rate = format(round(orders / wall), ",")
        print("%-10s %9.3f %9.3f %12s %9.1f" % (name, wall, cpu, rate, rss / 1e6))
    print("\n%-22s %9s %9s" % ("ratio of medians", "wall", "CPU"))
    for one, other, limit in LIMITS:
        if other in middle:
            note = "limit %.2f" % limit if limit else ""
            print("%-22s %9.2f %9.2f   %s" % (one + " / " + other, middle[one].wall / middle[other].wall,
                                              middle[one].cpu / middle[other].cpu, note))
    return middle


def main():
    options = argparse.ArgumentParser(description="Measures BetterBot on the common job.")
    options.add_argument("-r", "--rounds", type=int, default=5)
    options.add_argument("-n", "--orders", type=int, default=1000000)
    options.add_argument("--no-build", action="store_true", help="use the release build that is there")
    options.add_argument("--no-micro", action="store_true", help="leave the micro-benchmark out")
    chosen = options.parse_args()
    if chosen.rounds < 1 or chosen.orders < 1:
        options.error("rounds and orders are at least 1")

    os.makedirs(DATA, exist_ok=True)
    if not chosen.no_build:
        subprocess.check_call(["swift", "build", "-c", "release", "--product", "betterbot"], cwd=ROOT)
    reference = build_reference()
    orders = orders_file(chosen.orders, reference)
    double = orders_file(2 * chosen.orders, reference)
    machine()
    print("orders    %d, %d rounds, one engine thread" % (chosen.orders, chosen.rounds))

    runs, found = collections.OrderedDict(), collections.OrderedDict()
    contenders = engines(reference)
    names = list(contenders)
    for turn in range(chosen.rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            path = database(name)
            run = measure(*contenders[name](orders, path))
            runs.setdefault(name, []).append(run)
            print("round %d   %-10s wall %7.3f  CPU %7.3f  peak %6.1f MB" % (
                turn + 1, name, run.wall, run.cpu, run.rss / 1e6), flush=True)
            if name != "parse":
                result = stored(name, path)
                if found.setdefault(name, result) != result:
                    fail("%s stored other signals in round %d than before" % (name, turn + 1))
    runs = collections.OrderedDict((name, runs[name]) for name in names)
    good = compare(found, bool(reference) and chosen.orders == 1000000)
    middle = report(runs, chosen.orders)

    for name in ("windows", "plain"):
        run = measure(*contenders[name](double, database(name + "_double")))
        print("peak memory, %s: %.1f MB for %d orders, %.1f MB for %d" % (
            name, middle[name].rss / 1e6, chosen.orders, run.rss / 1e6, 2 * chosen.orders))
    with open(os.path.join(DATA, "results.json"), "w") as out:
        json.dump({name: [run._asdict() for run in each] for name, each in runs.items()}, out, indent=1)

    if not chosen.no_micro:
        print()
        subprocess.check_call(["swift", "run", "-c", "release", "betterbot-micro"], cwd=ROOT)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
