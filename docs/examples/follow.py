#!/usr/bin/env python3
"""Follows the signals of BetterBot over its WebSocket: each once, in order, whatever happens to the connection.

    pip install "websockets>=15"
    BETTERBOT_TOKEN=bb_… follow.py [URL] [FILTER…]
    BETTERBOT_TOKEN=bb_… follow.py ws://127.0.0.1:8787/v1/stream severity=high topics=feeds,reloads

The number of the last signal is kept in the file that BETTERBOT_POSITION names (follow.n). Without that file it
begins with what comes next; with a file that holds 0, at the beginning of the journal.
"""
import asyncio
import json
import os
import random
import sys
import urllib.parse

import websockets

URL = "ws://127.0.0.1:8787/v1/stream"
POSITION = os.environ.get("BETTERBOT_POSITION", "follow.n")
# What trying again does not help against: a filter that is wrong, a token that is, a role, a position.
HOPELESS = {400, 401, 403, 404, 409, 421}


def load():
    """The number of the last signal that was dealt with, as text; None before the first."""
    try:
        with open(POSITION, encoding="ascii") as file:
            return str(int(file.read()))
    except FileNotFoundError:
        return None


def store(number):
    """Keeps a number; a crash in between leaves the old one."""
    with open(POSITION + ".new", "w", encoding="ascii") as file:
        file.write(f"{number}\n")
    os.replace(POSITION + ".new", POSITION)


def take(message):
    """Deals with a message. What must not happen twice is kept together with `n`, in one transaction."""
    kind = message["type"]
    if kind == "signal":
        print(f"{message['n']:>6}  {message['severity']:<8}  {message['rule']:<16}  {message['title']}", flush=True)
    elif kind == "truncated":
        print(f"      -  signals {message['after'] + 1} to {message['oldest'] - 1} are not kept any more", flush=True)
    elif kind != "heartbeat":
        print(f"      -  {json.dumps(message, ensure_ascii=False)}", flush=True)
    # hello, heartbeat and truncated have one too: everything up to it has been dealt with.
    if "n" in message:
        store(message["n"])


async def follow(url, filters, token):
    wait = 0.5
    while True:
        position = load()
        query = filters + ([("after", position)] if position is not None else [])
        try:
            # Heartbeats come every 15 s at least; a connection that brings nothing for 45 s is dead.
            async with websockets.connect(
                url + "?" + urllib.parse.urlencode(query), proxy=None,
                additional_headers={"Authorization": f"Bearer {token}"},
            ) as socket:
                while True:
                    take(json.loads(await asyncio.wait_for(socket.recv(), 45)))
                    wait = 0.5
        except websockets.InvalidStatus as refusal:
            body = refusal.response.body.decode(errors="replace")
            reason = f"{refusal.response.status_code}: {body}"
            if refusal.response.status_code in HOPELESS:
                sys.exit(reason)
        except websockets.ConnectionClosed as closed:
            reason = f"closed: {closed.rcvd or 'the connection broke'}"
            # 1008: the token was revoked or has expired.
            if closed.rcvd and closed.rcvd.code == 1008:
                sys.exit(reason)
        except (OSError, asyncio.TimeoutError, websockets.InvalidHandshake) as trouble:
            reason = f"{type(trouble).__name__}: {trouble}"
        # Not all clients at the same time.
        pause = wait * random.uniform(0.5, 1)
        print(f"{reason}; again in {pause:.1f} s", file=sys.stderr, flush=True)
        await asyncio.sleep(pause)
        wait = min(wait * 2, 30)


def main():
    words = sys.argv[1:]
    url = words.pop(0) if words and "://" in words[0] else URL
    filters = [tuple(word.split("=", 1)) for word in words if "=" in word]
    token = os.environ.get("BETTERBOT_TOKEN")
    if not token or len(filters) < len(words):
        sys.exit(__doc__)
    try:
        asyncio.run(follow(url, filters, token))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
