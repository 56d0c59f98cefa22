"""The stock cqlsh against a server: cqlsh_test.py CQLSH HOST PORT."""

import os
import subprocess
import sys
import tempfile

ROWS = 3_000


class Cqlsh:
    def __init__(self, program, host, port):
        self.command = [program, "--no-color", host, port]

    def run(self, cql, *options):
        done = subprocess.run([*self.command, *options], input=cql, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout, done.stderr

    def must(self, cql, *options):
        status, out, errors = self.run(cql, *options)
        assert status == 0, f"{cql}\n{out}\n{errors}"
        return out


def main():
    shell = Cqlsh(*sys.argv[1:4])
    with tempfile.TemporaryDirectory() as directory:
        script = os.path.join(directory, "schema.cql")
        with open(script, "w") as file:
            file.write("CREATE KEYSPACE cqlsh WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};\n"
                       "CREATE TABLE cqlsh.t (k int, c int, v text, d double, PRIMARY KEY (k, c));\n"
                       "INSERT INTO cqlsh.t (k, c, v, d) VALUES (1, 1, 'it''s ☃', 0.5);\n")
        shell.must(f"SOURCE '{script}';")
        out = shell.must("SELECT * FROM cqlsh.t; EXPAND ON; SELECT * FROM cqlsh.t;")
        assert "it's ☃" in out and "(1 rows)" in out and "@ Row 1" in out, out
        out = shell.must("SHOW VERSION; SHOW HOST; CONSISTENCY;")
        assert "CQL spec 3.4.7" in out and "Native protocol v5" in out, out

        status, out, errors = shell.run("SELEC 1;")
        assert "SyntaxException" in out + errors, (status, out, errors)
        out = shell.must("TRACING ON; SELECT v FROM cqlsh.t WHERE k = 1;")
        assert "Tracing session" in out and "Request complete" in out, out

        rows = os.path.join(directory, "rows.csv")
        with open(rows, "w") as file:
            for i in range(ROWS):
                file.write(f"{i % 10},{i},text {i},{i / 4}\n")
        shell.must(f"COPY cqlsh.t (k, c, v, d) FROM '{rows}' WITH NUMPROCESSES = 1;")
        out = shell.must("PAGING 500; SELECT count(*) FROM cqlsh.t; SELECT c FROM cqlsh.t;")
        assert str(ROWS) in out, out
        copied = os.path.join(directory, "copied.csv")
        shell.must(f"COPY cqlsh.t (k, c, v, d) TO '{copied}' WITH NUMPROCESSES = 1;")
        with open(copied) as file:
            keys = {tuple(line.split(",")[:2]) for line in file}
        assert len(keys) == ROWS, len(keys)
        shell.must("DROP KEYSPACE cqlsh;")
    print("cqlsh: ok")


if __name__ == "__main__":
    main()
