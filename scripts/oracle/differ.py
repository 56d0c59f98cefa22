#!/usr/bin/env python3
"""Runs random CQL programs on a real Cassandra and on Cassette, compares every answer, and shrinks what differs.

usage: differ.py CQL_GOLDEN [--seed N] [--programs N] [--minutes M] [--features a,b] [--keep DIRECTORY]

CQL_GOLDEN is the built cql_golden. Each program is written as a golden file whose expectations are Cassandra's answers;
cql_golden then runs it in one of its modes. The seed of each program is printed; a program that differs is reduced to
the fewest statements that still differ and kept as a golden file.
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

MODES = ("plain", "flush", "tiny", "reopen", "compact", "pages")


class Differ:
    def __init__(self, options):
        self.options = options
        self.keyspaces = 0
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="differ-"))

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

    def golden(self, seed, statements, answers):
        lines = [f"-- name: Random program, seed {seed}", "-- description: found by scripts/oracle/differ.py", "-- tags: random", ""]
        for statement, expected in zip(statements, answers):
            lines.append(statement + ";")
            lines += ["--> " + line if line else "-->" for line in expected]
        return "\n".join(lines) + "\n"

    def differs(self, seed, statements, mode):
        """The golden text and what cql_golden says of it; None when all agrees."""
        text = self.golden(seed, statements, self.expectations(statements))
        path = self.directory / "program.cql"
        path.write_text(text, encoding="utf-8")
        run = subprocess.run([self.options.cql_golden, "--mode", mode, str(path)], capture_output=True, text=True, errors="replace")
        return None if run.returncode == 0 else (text, run.stdout + run.stderr)

    def shrink(self, seed, statements, mode):
        """The fewest statements that still differ: parts are left out as long as some can be (Zeller's ddmin)."""
        found, size = self.differs(seed, statements, mode), max(1, len(statements) // 2)
        deadline = time.monotonic() + self.options.shrink_seconds
        while size and time.monotonic() < deadline:
            at, smaller = 0, False
            while at < len(statements) and time.monotonic() < deadline:
                rest = statements[:at] + statements[at + size:]
                outcome = self.differs(seed, rest, mode) if rest and any("CREATE TABLE" in s for s in rest) else None
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
            mode = MODES[seed % len(MODES)]
            outcome = self.differs(seed, statements, mode)
            programs, count = programs + 1, count + len(statements)
            if outcome is not None:
                differing += 1
                text, said = self.shrink(seed, self.cut(statements, outcome), mode) or outcome
                self.options.keep.mkdir(parents=True, exist_ok=True)
                (self.options.keep / f"seed_{seed}.cql").write_text(text, encoding="utf-8")
                print(f"seed {seed}, mode {mode}: differs\n{said}", flush=True)
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
        before = sum(text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "CREATE")) for text in ended)
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
