#!/usr/bin/env python3
"""Runs the golden CQL files on a real Cassandra and compares (or, with --bless, rewrites) what it answers.

usage: run_golden.py [--host H] [--port P] [--bless] [--verbose] [file or directory ...]     (default: test/cql)
"""

import argparse
import pathlib
import sys
import time

from cql_text import escape, to_text
from golden_file import GoldenFile, keyspace_of, matches
from native_client import Client, CqlError

ROOT = pathlib.Path(__file__).resolve().parents[2] / "test" / "cql"
ERROR_LENGTH_MAX = 200


def answer(client, statement):
    """What the server says to `statement`, as lines."""
    try:
        rows = client.execute(statement.rstrip().rstrip(";"))
    except CqlError as error:
        message = escape(error.message)[:ERROR_LENGTH_MAX].rstrip()
        return [f"error 0x{error.code:04x} {message}"]
    if rows is None:
        return []
    lines = [" | ".join(escape(name) for name, _ in rows.columns)]
    kinds = [kind for _, kind in rows.columns]
    lines += [" | ".join(escape(to_text(k, v)) for k, v in zip(kinds, row)) for row in rows.rows]
    return [line.strip() for line in lines]


def run_file(options, path):
    """The number of steps that differ."""
    golden = GoldenFile(path)
    if "cassette-only" in golden.tags:
        return None
    client = Client(options.host, options.port)
    if client.has_logins != ("auth" in golden.tags):
        return None
    keyspace = keyspace_of(ROOT, path)
    client.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")
    client.execute(f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    client.execute(f"USE {keyspace}")
    actual, failures = {}, 0
    for step in golden.steps:
        time.sleep(step.wait_seconds)
        try:
            if step.login:
                client = Client(options.host, options.port, login=step.login)
                client.execute(f"USE {keyspace}")
            actual[step] = answer(client, step.statement)
        except CqlError as error:
            actual[step] = [f"error 0x{error.code:04x} {escape(error.message)}"]
        if not options.bless and not matches(step.expected, actual[step]):
            failures += 1
            print(f"{path}:{step.line}: {step.statement}")
            print("".join(f"  expected  {line}\n" for line in step.expected), end="")
            print("".join(f"  Cassandra {line}\n" for line in actual[step]), end="")
    client = Client(options.host, options.port)
    client.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")
    client.close()
    if options.bless:
        golden.write(actual)
    if options.verbose:
        print(f"{path}: {len(golden.steps)} statements")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9042)
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("paths", nargs="*", type=pathlib.Path, default=[ROOT])
    options = parser.parse_args()
    files = []
    for path in options.paths:
        files += sorted(path.rglob("*.cql")) if path.is_dir() else [path.resolve()]
    results = {path: run_file(options, path.resolve()) for path in files}
    differing = sum(count or 0 for count in results.values())
    ran = sum(count is not None for count in results.values())
    print(f"{ran} files on Cassandra, {len(files) - ran} left out, {differing} statements differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
