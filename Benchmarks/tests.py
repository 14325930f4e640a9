"""How many tests of a rule run in a minute: tests of ten orders, plain and with everything that can be injected.

    python3 Benchmarks/tests.py .build/release/betterbot
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

HEAD = """rule: sweep
clock: 2026-03-01T12:00:00Z
wallets: { alice: "0xa11ce00000000000000000000000000000000c3e" }
markets: { btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" } }
tests:
"""
TEST = """  - name: test %d
    orders: |
      +0s    alice BUY 10000 @0.55 btc.Yes
      +20s   alice BUY 10000 @0.56 btc.Yes   x3 every 10s
      +121s  alice BUY  5000 @0.60 btc.Yes   #> high
      +122s  alice BUY  1000 @0.60 btc.Yes   #= folded
      +123s  alice BUY     1 @0.60 btc.Yes   x4 every 1s
    expect:
      - { at: 5, data: { usd: $25300.00, fills: 5 }, evidence: [1, 2, 3, 4, 5] }
"""
VARIANTS = ["", "restart", "reload", "gap 30s", "duplicate", "late 5s", "reorder"]
EACH = 2000


def write(path, rule, variant, count):
    """Tests of one rule file, all with the same injection at the second order."""
    inject = "    inject: [{ after: 2, do: %s }]\n" % variant if variant else ""
    with open(path, "w") as out:
        out.write(HEAD.replace("sweep", rule))
        for number in range(count):
            out.write(TEST % number + inject)


def main():
    binary = os.path.abspath(sys.argv[1])
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = tempfile.mkdtemp(prefix="betterbot-tests-")
    try:
        total = 0
        for number, variant in enumerate(VARIANTS):
            rules = os.path.join(folder, str(number), "rules")
            os.makedirs(rules)
            # Two rules, so that two processors have something to do.
            for name in ("sweep", "sweep2"):
                shutil.copy(os.path.join(root, "rules", "sweep.lua"), os.path.join(rules, name + ".lua"))
                write(os.path.join(rules, name + ".test.yaml"), name, variant, EACH)
            started = time.monotonic()
            run = subprocess.run([binary, "test"], cwd=os.path.dirname(rules), capture_output=True, text=True)
            seconds = time.monotonic() - started
            if run.returncode != 0:
                sys.exit("tests with '%s' did not pass:\n%s%s" % (variant, run.stdout[-2000:], run.stderr[-500:]))
            total += seconds
            print("%-10s %6d tests in %5.2f s: %7d a minute"
                  % (variant or "plain", 2 * EACH, seconds, 2 * EACH / seconds * 60))
        count = 2 * EACH * len(VARIANTS)
        print("%-10s %6d tests in %5.2f s: %7d a minute" % ("all", count, total, count / total * 60))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
