"""The golden files of test/cql: read, compared, rewritten. The format is described in docs/testing-cql.md; the C++ reader
is test/cql_runner/golden_file.h."""

import re


class Step:
    """A statement, the lines expected of it, and where both stand."""

    def __init__(self, statement, line):
        self.statement = statement
        self.line = line
        self.expected = []
        self.wait_seconds = 0.0
        self.login = None  # Who logs in before the statement: (role, password).


class Conversation:
    """Statements with their answers, as golden files and the pages of docs/cql have them."""

    def __init__(self, path, text):
        self.path = path
        self.header = {}
        self.steps = []
        self.blocks = []  # What stands in the text, in order: (lines as they are, step or None).
        self._read(text.split("\n"))

    def _read(self, lines):
        statement, start, wait, login = [], 0, 0.0, None
        for number, line in enumerate(lines, 1):
            if statement:
                statement.append(line)
            elif line.startswith("-->"):
                if not self.steps:
                    raise ValueError(f"{self.path}:{number}: expected output before the first statement")
                self.steps[-1].expected.append(line[3:].strip())
                continue
            elif not line.strip() or line.startswith("--"):
                header = re.match(r"-- (name|description|tags|wait|login): *(.*)", line)
                if header and header[1] == "wait":
                    wait = float(header[2])
                elif header and header[1] == "login":
                    login = tuple(header[2].split())
                elif header:
                    self.header[header[1]] = header[2]
                self.blocks.append(([line], None))
                continue
            else:
                statement, start = [line], number
            if self._ends(statement):
                step = Step("\n".join(statement), start)
                step.wait_seconds, wait = wait, 0.0
                step.login, login = login, None
                self.steps.append(step)
                self.blocks.append((statement, step))
                statement = []
        if statement:
            raise ValueError(f"{self.path}:{start}: this statement has no ';' at the end of a line")

    @staticmethod
    def _ends(statement):
        if not statement[-1].rstrip().endswith(";"):
            return False
        if not re.match(r"begin\b", statement[0], re.IGNORECASE):
            return True
        return re.search(r"apply\s+batch\s*;\s*$", statement[-1], re.IGNORECASE) is not None


class GoldenFile(Conversation):
    def __init__(self, path):
        super().__init__(path, path.read_text(encoding="utf-8"))
        for key in ("name", "description", "tags"):
            if key not in self.header:
                raise ValueError(f"{path}: '-- {key}:' is missing")

    @property
    def tags(self):
        return self.header.get("tags", "").split()

    def write(self, actual):
        """Rewrites the file with `actual[step]` as what is expected; an error of the same code keeps its wording."""
        out = []
        for lines, step in self.blocks:
            out += lines
            if step is not None:
                kept = step.expected if matches(step.expected, actual[step]) else actual[step]
                out += ["--> " + line if line else "-->" for line in kept]
        self.path.write_text("\n".join(out), encoding="utf-8")


def matches(expected, actual):
    """Errors agree when their codes do; everything else word for word."""
    if len(expected) == 1 and len(actual) == 1 and expected[0].startswith("error") and actual[0].startswith("error"):
        return expected[0].split()[1:2] == actual[0].split()[1:2]
    return [line.rstrip() for line in expected] == [line.rstrip() for line in actual]


def keyspace_of(root, path):
    """types/int.cql runs in keyspace types_int."""
    return re.sub(r"[^a-z0-9]", "_", str(path.relative_to(root).with_suffix("")).lower())
