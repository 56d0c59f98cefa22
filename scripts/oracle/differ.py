#!/usr/bin/env python3
"""Runs random CQL programs on a real Cassandra and on Cassette, compares every answer, and shrinks what differs.

usage: differ.py CQL_GOLDEN [--seed N] [--programs N] [--minutes M] [--features a,b] [--keep DIRECTORY]

CQL_GOLDEN is the built cql_golden. Each program is written as a golden file whose expectations are Cassandra's answers;
cql_golden then runs it in one of its modes and with one of several page sizes. The seed of each program is printed; a
program that differs is reduced to the fewest statements that still differ and kept as a golden file.

A statement that Cassandra answers with a server error (0x0000) or with the failure of its only replica (0x1300, 0x1500) met
an exception that nobody caught, which says nothing about what is right: it is named, and left out of its program on both
sides.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

from native_client import Client
from random_program import FEATURES, RandomProgram
from run_golden import answer

MODES = ("plain", "flush", "tiny", "reopen", "compact", "size_tiered", "time_window", "leveled", "unified")
PAGE_ROWS = (0, 1, 2, 3, 5, 7, 11, 0)  # 0: no pages. As many as do not share a factor with the modes.
SERVER_ERRORS = ("error 0x0000", "error 0x1300", "error 0x1500")


class Differ:
    def __init__(self, options):
        self.options = options
        self.keyspaces = 0
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="differ-"))

    def sound(self, statements):
        """Without those that fail inside Cassandra, and the answers to the rest. What failed may have left traces, so the
        rest is run again."""
        while True:
            answers = self.expectations(statements)
            failed = {s: a[0] for s, a in zip(statements, answers) if a and a[0].startswith(SERVER_ERRORS)}
            if not failed:
                return statements, answers
            for statement, said in failed.items():
                print(f"left out: {statement}\n  {said}", flush=True)
            statements = [s for s in statements if s not in failed]

    def expectations(self, statements):
        """What Cassandra answers to each, in a keyspace of their own."""
        client = Client(self.options.host, self.options.port)
        self.keyspaces += 1
        keyspace = f"differ_{os.getpid()}_{self.keyspaces}"
        client.execute(f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}} AND durable_writes = false")
        client.execute(f"USE {keyspace}")
        answers = [answer(client, statement) for statement in statements]
        threading.Thread(target=self.drop, args=(client, keyspace)).start()
        return answers

    @staticmethod
    def drop(client, keyspace):
        """Takes Cassandra longer than the statements did; nobody waits for it."""
        try:
            client.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")
        finally:
            client.close()

    @staticmethod
    def place(seed):
        """The arguments of cql_golden: a mode and a page size, all pairs of them in turn."""
        rows = PAGE_ROWS[seed % len(PAGE_ROWS)]
        return ["--mode", MODES[seed % len(MODES)]] + (["--page-rows", str(rows)] if rows else [])

    def golden(self, seed, statements, answers):
        lines = [f"-- name: Random program, seed {seed}", "-- description: found by scripts/oracle/differ.py", "-- tags: random", ""]
        for statement, expected in zip(statements, answers):
            lines.append(statement + ";")
            lines += ["--> " + line if line else "-->" for line in expected]
        return "\n".join(lines) + "\n"

    def differs(self, seed, statements, place, answers=None):
        """The golden text and what cql_golden says of it; None when all agrees."""
        text = self.golden(seed, statements, answers or self.expectations(statements))
        path = self.directory / "program.cql"
        path.write_text(text, encoding="utf-8")
        run = subprocess.run([self.options.cql_golden, *place, str(path)], capture_output=True, text=True, errors="replace")
        return None if run.returncode == 0 else (text, run.stdout + run.stderr)

    def shrink(self, seed, statements, place):
        """The fewest statements that still differ: parts are left out as long as some can be (Zeller's ddmin)."""
        found, size = self.differs(seed, statements, place), max(1, len(statements) // 2)
        deadline = time.monotonic() + self.options.shrink_seconds
        while size and time.monotonic() < deadline:
            at, smaller = 0, False
            while at < len(statements) and time.monotonic() < deadline:
                rest = statements[:at] + statements[at + size:]
                outcome = self.differs(seed, rest, place) if rest and any("CREATE TABLE" in s for s in rest) else None
                if outcome is not None:
                    statements, found, smaller = rest, outcome, True
                else:
                    at += size
            if not smaller or size > len(statements):
                size //= 2
        return found

    def run(self):
        started, differing, programs, count = time.monotonic(), 0, 0, 0
        seed = self.options.seed
        while programs < self.options.programs and time.monotonic() - started < self.options.minutes * 60:
            statements = list(RandomProgram(seed, self.options.features.split(",")).statements())
            place = self.place(seed)
            statements, answers = self.sound(statements)
            outcome = self.differs(seed, statements, place, answers)
            programs, count = programs + 1, count + len(statements)
            if outcome is not None:
                differing += 1
                text, said = self.shrink(seed, self.cut(statements, outcome), place) or outcome
                self.options.keep.mkdir(parents=True, exist_ok=True)
                (self.options.keep / f"seed_{seed}.cql").write_text(text, encoding="utf-8")
                print(f"seed {seed}, {' '.join(place)}: differs\n{said}", flush=True)
            seed += 1
        print(f"{programs} programs, {count} statements, seeds {self.options.seed} to {seed - 1}: {differing} programs differ")
        return 1 if differing else 0

    @staticmethod
    def cut(statements, outcome):
        """Without what stands behind the first statement that differs, which cannot matter."""
        first = next((line for line in outcome[1].splitlines() if "program.cql:" in line), None)
        if first is None:
            return statements
        line = int(first.split("program.cql:")[1].split(":")[0])
        ended = outcome[0].split("\n")[:line - 1]
        before = sum(text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "CREATE", "ALTER")) for text in ended)
        return statements[:before + 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cql_golden")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9042)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--programs", type=int, default=1 << 30)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--shrink-seconds", type=float, default=60)
    parser.add_argument("--features", default=",".join(FEATURES))
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("build/differ"))
    return Differ(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
