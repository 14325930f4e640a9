#!/usr/bin/env python3
"""A small writer that shows each signal after its commit: tells whether powercut.py can see a loss.

    writer.py FILE SYNCHRONOUS COMMITS
"""

import hashlib
import os
import sqlite3
import sys

path, synchronous, commits = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = sqlite3.connect(path, isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute(f"PRAGMA synchronous = {synchronous}")
# Small, so that the log is checkpointed and begun again many times.
database.execute("PRAGMA wal_autocheckpoint = 20")
database.execute("CREATE TABLE signals (n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, title TEXT)")
for number in range(commits):
    name = hashlib.md5(str(number).encode()).digest()
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO signals (id, title) VALUES (?, ?)", (name, "x" * (number * 37 % 3000)))
    database.execute("COMMIT")
    os.write(1, b'{"id":"%s"}\n' % name.hex().encode())
database.close()
