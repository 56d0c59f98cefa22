#!/usr/bin/env python3
"""Every statement in a ```cql block of docs/cql/*.md is one of test/cql/**/*.cql, where Cassandra has answered it, and the
answer that a page shows behind one (its `-->` lines) is that of a golden file.

Likewise the lines of a ```cpp block stand together in a program of examples/, which the tests run, and those of a
```python block in the tests of the stock driver.

White space does not count: a page may break a long statement into lines and align the columns of an answer."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "oracle"))

from golden_file import Conversation, GoldenFile, matches  # noqa: E402


def squeezed(text):
    return " ".join(text.split())


def tested_answers():
    """Statement to all answers that golden files have for it."""
    answers = {}
    for path in (ROOT / "test" / "cql").rglob("*.cql"):
        for step in GoldenFile(path).steps:
            answers.setdefault(squeezed(step.statement), []).append([squeezed(line) for line in step.expected])
    return answers


def problems_of(step, tested):
    answers = tested.get(squeezed(step.statement))
    if answers is None:
        yield f"no golden file has: {squeezed(step.statement)}"
    elif step.expected and not any(matches([squeezed(line) for line in step.expected], answer) for answer in answers):
        yield f"no golden file has this answer to: {squeezed(step.statement)}"


def missing_programs(page):
    """The cpp and python blocks that no tested program has."""
    for language, tested in (("cpp", "examples/*.cc"), ("python", "test/compat/python/*.py")):
        programs = [squeezed(path.read_text()) for path in ROOT.glob(tested)]
        for block in re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.S):
            if not any(squeezed(block) in program for program in programs):
                yield f"no file of {tested} has: {squeezed(block)}"


def main():
    tested = tested_answers()
    problems = 0
    for page in sorted((ROOT / "docs" / "cql").glob("*.md")):
        for problem in missing_programs(page):
            problems += 1
            print(f"{page.relative_to(ROOT)}: {problem}")
        for block in re.findall(r"```cql\n(.*?)```", page.read_text(), re.S):
            for step in Conversation(page, block).steps:
                for problem in problems_of(step, tested):
                    problems += 1
                    print(f"{page.relative_to(ROOT)}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
