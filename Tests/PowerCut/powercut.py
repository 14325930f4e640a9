#!/usr/bin/env python3
"""Runs a program, cuts the power at many moments, and looks for signals that it showed and lost.

    powercut.py [options] -- COMMAND ...

The command runs once, under recorder.c, and writes its journal below an empty folder; {dir} in its words is
that folder. Each line of JSON with an "id" on its standard output is a signal that somebody has seen. From
the log of its calls this script then builds what the disk could hold after a power cut:

- what a file held when its last sync began is there once that sync has returned;
- of what was written later, each sector of 4 KiB of each write is there or not, independently;
- a file is as long as what is there, or longer, with zeros, up to the length it had;
- changes of names that no sync of their folder followed are undone from the last one backwards, as far as
  chance has it, but a file that was synced itself keeps the name it got.

On each such disk the journal has to open, pass SQLite's integrity check, and hold every signal that was seen.

Exit code: 0 nothing lost, 1 something lost or broken, 2 the test itself could not be made.
"""

import argparse
import collections
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading

HEAD = struct.Struct("<B3xIIIQQ")
(CREATED, FOUND, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, FOLDER_BEGIN, FOLDER_END, UNLINK, RENAME, OUTPUT,
 UNSUPPORTED) = range(1, 13)
SECTOR = 4096

Record = collections.namedtuple("Record", "kind process file name offset payload")


class Unusable(Exception):
    """The test could not be made."""


def records(path):
    """The records of a log; one that the end of the program has cut short is left out."""
    with open(path, "rb") as log:
        while True:
            head = log.read(HEAD.size)
            if len(head) < HEAD.size:
                return
            kind, process, file, name_count, offset, count = HEAD.unpack(head)
            body = log.read(name_count + count)
            if len(body) < name_count + count:
                return
            yield Record(kind, process, file, os.fsdecode(body[:name_count]), offset, body[name_count:])


def apply(image, change):
    """Makes one change, (offset, bytes) or a length, to a file's bytes."""
    if isinstance(change, int):
        del image[change:]
        image.extend(bytes(change - len(image)))
        return
    offset, payload = change
    if offset > len(image):
        image.extend(bytes(offset - len(image)))
    image[offset:offset + len(payload)] = payload


def sectors(change):
    """A write in pieces that lie in one sector each; a length as it is."""
    if isinstance(change, int):
        yield change
        return
    offset, payload = change
    at = 0
    while at < len(payload):
        count = min(SECTOR - (offset + at) % SECTOR, len(payload) - at)
        yield offset + at, payload[at:at + count]
        at += count


class File:
    """One file: what is on the disk for certain, and what may be."""

    def __init__(self, contents=b""):
        self.certain = bytearray(contents)
        self.pending = []       # changes that no finished sync covers, oldest first
        self.length = len(self.certain)
        self.begun = {}         # syncs under way: how many pending changes each will cover
        self.is_synced = False

    def change(self, change):
        self.pending.append(change)
        if isinstance(change, int):
            self.length = change
        else:
            self.length = max(self.length, change[0] + len(change[1]))

    def sync_begin(self, process):
        self.begun.setdefault(process, []).append(len(self.pending))

    def sync_end(self, process):
        # Two syncs of one file may overlap; taking the one that began first promises least.
        covered = self.begun[process].pop(0)
        for change in self.pending[:covered]:
            apply(self.certain, change)
        del self.pending[:covered]
        for marks in self.begun.values():
            marks[:] = [max(0, mark - covered) for mark in marks]
        self.is_synced = True

    def after_cut(self, dice):
        """What could be left of it."""
        image = bytearray(self.certain)
        likelihood = dice.choice([0, 0.1, 0.5, 0.5, 0.9, 1])
        for change in self.pending:
            for piece in sectors(change):
                if dice.random() < likelihood:
                    apply(image, piece)
        if self.pending and len(image) < self.length and dice.random() < 0.5:
            apply(image, dice.randint(len(image), self.length))
        return image


class Disk:
    """The files below the recorded folder, their names, and what was shown, up to some record."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.files = {}
        self.names = {}         # certain names
        self.changes = []       # changes of names that no sync of their folder covers, oldest first
        self.begun = []
        self.output = b""
        self.seen = []
        self.process = None

    def take(self, record):
        kind = record.kind
        if kind == OUTPUT:
            self.take_output(record.payload)
            return
        if kind == UNSUPPORTED:
            raise Unusable(f"the program did what cannot be rebuilt: {record.name}")
        if self.process not in (None, record.process):
            raise Unusable("more than one process wrote files; run the program itself, not through others")
        self.process = record.process
        file = self.files.get(record.file)
        if kind == CREATED:
            self.files[record.file] = File()
            self.changes.append(("create", record.name, record.file))
        elif kind == FOUND:
            self.files[record.file] = File(record.payload)
            self.names[record.name] = record.file
        elif kind == WRITE:
            file.change((record.offset, record.payload))
        elif kind == TRUNCATE:
            file.change(record.offset)
        elif kind == SYNC_BEGIN:
            file.sync_begin(record.process)
        elif kind == SYNC_END:
            file.sync_end(record.process)
        elif kind == FOLDER_BEGIN:
            self.begun.append(len(self.changes))
        elif kind == FOLDER_END:
            self.settle(self.begun.pop(0))
        elif kind == UNLINK:
            self.changes.append(("unlink", record.name, None))
        elif kind == RENAME:
            self.changes.append(("rename", record.name, os.fsdecode(record.payload)))

    def take_output(self, payload):
        *lines, self.output = (self.output + payload).split(b"\n")
        self.seen += filter(None, map(signal_id, lines))

    def settle(self, count):
        """Makes the oldest changes of names certain."""
        for change in self.changes[:count]:
            rename(self.names, change)
        del self.changes[:count]
        self.begun = [max(0, mark - count) for mark in self.begun]

    def after_cut(self, dice, folder):
        """Writes what could be left into a folder."""
        least = 0
        for place, (what, _, file) in enumerate(self.changes):
            if what == "create" and self.files[file].is_synced:
                least = place + 1
        names = dict(self.names)
        for change in self.changes[:dice.randint(least, len(self.changes))]:
            rename(names, change)
        for name, file in names.items():
            path = os.path.join(folder, os.path.relpath(name, self.prefix))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as copy:
                copy.write(self.files[file].after_cut(dice))


    def differs(self):
        """The name of a file that is not what the log says; None when the log tells all."""
        names = dict(self.names)
        for change in self.changes:
            rename(names, change)
        for name, number in names.items():
            image = bytearray(self.files[number].certain)
            for change in self.files[number].pending:
                apply(image, change)
            try:
                with open(name, "rb") as file:
                    if file.read() != image:
                        return name
            except OSError:
                return name
        return None


def signal_id(line):
    """The id in a line of output, None when it shows no signal."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    named = found.get("id") if isinstance(found, dict) else None
    return named.lower() if isinstance(named, str) else None


def rename(names, change):
    what, name, other = change
    if what == "create":
        names[name] = other
    else:
        file = names.pop(name, None)
        if what == "rename" and file is not None:
            names[other] = file


def problem(path, query, seen):
    """What is wrong with a journal after a cut, None when nothing is; (kind, words)."""
    if not os.path.exists(path):
        return ("lost", f"no journal, {len(seen)} seen") if seen else None
    database = sqlite3.connect(path)
    try:
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            return "broken", verdict
        tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        held = {row[0] for row in database.execute(query)} if tables else set()
    except sqlite3.Error as error:
        return "broken", str(error)
    finally:
        database.close()
    lost = [one for one in seen if one not in held]
    return ("lost", f"{len(lost)} of {len(seen)} seen, the first {lost[0]}") if lost else None


def moments(log, count, dice):
    """Numbers of records after which to cut: half of them anywhere, half right after a signal was shown."""
    total, shown = 0, []
    for record in records(log):
        total += 1
        if record.kind == OUTPUT:
            shown.append(total)
    if total == 0:
        raise Unusable("nothing was recorded; is the program linked statically, or the folder another one?")
    if not shown:
        raise Unusable("the recorder saw no output: nothing was printed, or past it (through stdio?)")
    return sorted(dice.choice(shown) if turn % 2 else dice.randint(1, total) for turn in range(count))


def cut(log, prefix, options):
    """Cuts the power `--cuts` times; returns the disk as it was in the end, and what went wrong."""
    dice = random.Random(options.seed)
    left = moments(log, options.cuts, dice)
    disk, troubles = Disk(prefix), []
    for number, record in enumerate(records(log), 1):
        disk.take(record)
        while left and left[0] == number:
            left.pop(0)
            with tempfile.TemporaryDirectory(prefix="powercut-", dir=options.work) as folder:
                disk.after_cut(dice, folder)
                found = problem(os.path.join(folder, options.db), options.query, disk.seen)
            if found:
                troubles.append(found)
                if options.verbose:
                    print(f"cut after record {number}: {found[0]}: {found[1]}")
    return disk, troubles


# MARK: Running the program


def build_recorder(folder):
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorder.c")
    library = os.path.join(folder, "recorder.so")
    try:
        subprocess.run(
            ["cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-pthread", "-o", library, source], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unusable(f"the recorder cannot be built: {error}") from None
    return library


def run(options, folder, prefix, log):
    """Runs the command under the recorder, until it ends or has shown enough; returns the ids it showed."""
    environment = dict(
        os.environ, LD_PRELOAD=options.recorder or build_recorder(folder), RECORDER_PREFIX=prefix,
        RECORDER_LOG=log, BETTERBOT_API_LISTEN="off")
    words = [word.replace("{dir}", prefix) for word in options.command]
    try:
        program = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise Unusable(f"the program cannot be run: {error}") from None
    too_late = threading.Event()

    def give_up():
        too_late.set()
        program.kill()

    alarm = threading.Timer(options.timeout, give_up)
    alarm.start()
    lines, shown = 0, []
    for line in program.stdout:
        lines += 1
        shown.append(signal_id(line))
        if lines == options.lines:
            program.send_signal(signal.Signals["SIG" + options.signal])
    code = program.wait()
    alarm.cancel()
    if too_late.is_set():
        raise Unusable(f"the program did not come to an end in {options.timeout} s, after {lines} lines")
    shown = list(filter(None, shown))
    if options.lines and lines >= options.lines:
        return shown
    if code != 0:
        raise Unusable(f"the program ended with code {code}")
    if options.lines:
        raise Unusable(f"the program ended after {lines} of {options.lines} lines")
    return shown


def check_log(disk, shown, options):
    """Throws when the program did something past the recorder: then nothing would be proven."""
    if not shown:
        raise Unusable("the program showed no signal, so none could be lost")
    if shown != disk.seen[:len(shown)]:
        raise Unusable("the program writes its output past the recorder (through stdio?)")
    # A killed program may have made a call that it could not log any more.
    was_killed = options.lines and options.signal == "KILL"
    if not was_killed and disk.differs():
        raise Unusable(f"{disk.differs()} is not what the log says: something was written past the recorder")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=100, help="how often the power is cut")
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    parser.add_argument("--db", default="journal.db", help="the journal below the folder")
    parser.add_argument("--query", default="SELECT lower(hex(id)) FROM signals", help="the ids it holds")
    parser.add_argument("--lines", type=int, default=0, help="end the program after so many lines")
    parser.add_argument("--signal", default="KILL", choices=["KILL", "TERM", "INT"], help="how it is ended")
    parser.add_argument("--timeout", type=float, default=120, help="seconds the program may take")
    parser.add_argument("--recorder", help="recorder.c as built before; else cc builds it")
    parser.add_argument("--work", help="where cut disks are built, best in memory")
    parser.add_argument("--keep", help="copy the log here")
    parser.add_argument("--verbose", action="store_true", help="tell of each cut that lost something")
    parser.add_argument("command", nargs="+", help="the program and its arguments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="powercut-") as folder:
        folder = os.path.realpath(folder)
        prefix, log = os.path.join(folder, "disk"), os.path.join(folder, "log")
        os.mkdir(prefix)
        try:
            shown = run(options, folder, prefix, log)
            if options.keep:
                shutil.copy(log, options.keep)
            disk, troubles = cut(log, prefix, options)
            check_log(disk, shown, options)
        except Unusable as error:
            print(f"powercut: {error}", file=sys.stderr)
            return 2
    lost = sum(1 for kind, _ in troubles if kind == "lost")
    broken = len(troubles) - lost
    print(f"{options.cuts} cuts, {lost} lost, {broken} broken, {len(disk.seen)} signals shown")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
