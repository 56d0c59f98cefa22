#!/usr/bin/env python3
"""Every statement in a ```cql block of docs/cql/*.md is one of test/cql/**/*.cql, where Cassandra has answered it."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def statements(text):
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("--")]


def main():
    tested = set()
    for path in (ROOT / "test" / "cql").rglob("*.cql"):
        tested.update(statements(path.read_text()))
    untested = 0
    for page in sorted((ROOT / "docs" / "cql").glob("*.md")):
        for block in re.findall(r"```cql\n(.*?)```", page.read_text(), re.S):
            for statement in statements(block):
                if statement not in tested:
                    untested += 1
                    print(f"{page.relative_to(ROOT)}: no golden file has: {statement}")
    return 1 if untested else 0


if __name__ == "__main__":
    sys.exit(main())
