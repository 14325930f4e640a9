#!/usr/bin/env python3
"""Holds the WebSockets of the server to the Autobahn test suite, as `make conformance` does.

Usage: websocket.py ECHO_SERVER [CASE...]. Starts the echo server and runs cases against it with the package kosoku.
Exits 0 only when all passed; NON-STRICT is allowed for 7.1.5 alone.
"""
import asyncio
import collections
import subprocess
import sys

from kosoku import FailureError, run_fuzzingclient

CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]
# How many there are in these: a run that finds fewer has tested less than it says.
COUNT = 301
NON_STRICT = {"7.1.5"}


async def run(address, cases):
    try:
        return await run_fuzzingclient(address, cases, None, concurrency=2)
    except FailureError as failure:
        return failure.results


def passed(result):
    verdict = result.behavior.value
    # The suite only watches what becomes of the informational ones.
    good = verdict in ("OK", "INFORMATIONAL") or (verdict == "NON-STRICT" and result.case_id in NON_STRICT)
    return good and result.behavior_close.value in ("OK", "INFORMATIONAL")


def main():
    cases = sys.argv[2:] or CASES
    server = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[-1]
        results = asyncio.run(run(address, cases))
    finally:
        server.terminate()
        server.wait(10)
    groups = collections.defaultdict(collections.Counter)
    for result in results:
        groups[result.case_id.split(".")[0]][result.behavior.value] += 1
    for group in sorted(groups, key=int):
        print(f"{group:>2}.*  " + ", ".join(f"{count} {name}" for name, count in sorted(groups[group].items())))
    failed = [result for result in results if not passed(result)]
    for result in failed:
        print(f"FAILED {result.case_id}: {result.behavior.value}, close {result.behavior_close.value}")
    print(f"{len(results) - len(failed)} of {len(results)} cases passed")
    if cases == CASES and len(results) != COUNT:
        print(f"expected {COUNT} cases")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
