"""The stock cqlsh against a server: cqlsh_test.py CQLSH HOST PORT."""

import os
import subprocess
import sys
import tempfile

ROWS = 3_000

SCHEMA = """
CREATE KEYSPACE cqlsh WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
CREATE TYPE cqlsh.place (x double, y double);
CREATE TYPE cqlsh.address (street text, tags frozen<set<text>>, place frozen<place>);
CREATE TABLE cqlsh.t (k int, c int, v text, d double, PRIMARY KEY (k, c));
CREATE INDEX by_v ON cqlsh.t (v);
CREATE MATERIALIZED VIEW cqlsh.by_c AS SELECT k, c, v FROM cqlsh.t WHERE k IS NOT NULL AND c IS NOT NULL
    PRIMARY KEY (c, k);
CREATE TABLE cqlsh.every (
    k int, c int, ascii_ ascii, bigint_ bigint, blob_ blob, boolean_ boolean, date_ date, decimal_ decimal,
    double_ double, float_ float, inet_ inet, smallint_ smallint, static_ text static, text_ text, time_ time,
    timestamp_ timestamp, timeuuid_ timeuuid, tinyint_ tinyint, uuid_ uuid, varint_ varint, list_ list<int>,
    set_ set<text>, map_ map<text, frozen<list<int>>>, tuple_ tuple<int, text>, address_ frozen<address>,
    vector_ vector<float, 3>, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = 'every type';
CREATE TABLE cqlsh.counted (k text PRIMARY KEY, hits counter);
CREATE ROLE cqlsh_writer WITH PASSWORD = 'secret' AND LOGIN = true;
INSERT INTO cqlsh.t (k, c, v, d) VALUES (1, 1, 'it''s ☃', 0.5);
INSERT INTO cqlsh.every (k, c, ascii_, bigint_, blob_, boolean_, date_, decimal_, double_, float_, inet_, smallint_,
    static_, text_, time_, timestamp_, timeuuid_, tinyint_, uuid_, varint_, list_, set_, map_, tuple_, address_, vector_)
    VALUES (1, 1, 'plain', -9223372036854775808, 0x00ff, true, '1969-07-20', 1.50, 0.1, 1.5, '::1', -32768, 'st',
    'it''s, "☃"', '12:00:00.000000001', '2024-02-29 12:30:00.123+0000', 8bd4a2e0-ec5b-11ee-8000-0123456789ab, -128,
    123e4567-e89b-42d3-a456-426614174000, 12345678901234567890, [1, 2], {'x', 'y'}, {'a': [1, 2]}, (1, 'one, two'),
    {street: 'High, "Street" 1', tags: {'old', 'red'}, place: {x: 1.5, y: -2.5}}, [0.5, -1.5, 2]);
INSERT INTO cqlsh.every (k, c) VALUES (1, 2);
UPDATE cqlsh.counted SET hits = hits + 42 WHERE k = 'page';
"""

# What each DESCRIBE says, in part.
DESCRIBES = {
    "CLUSTER": ["Cluster: Cassette", "Murmur3Partitioner"],
    "KEYSPACES": ["cqlsh", "system_schema"],
    "KEYSPACE cqlsh": ["CREATE KEYSPACE cqlsh", "CREATE TYPE cqlsh.place", "CREATE TYPE cqlsh.address",
                       "CREATE TABLE cqlsh.t (", "CREATE INDEX by_v ON cqlsh.t (v);", "CREATE MATERIALIZED VIEW cqlsh.by_c"],
    "SCHEMA": ["CREATE TABLE cqlsh.every"],
    "FULL SCHEMA": ["CREATE TABLE cqlsh.every", "CREATE TABLE system.local", "VIRTUAL TABLE system_views.settings"],
    "TABLES": ["every", "counted"],
    "TABLE cqlsh.every": ["map_ map<text, frozen<list<int>>>", "vector_ vector<float, 3>", "static_ text static",
                          "CLUSTERING ORDER BY (c DESC)", "comment = 'every type'"],
    "TABLE cqlsh.t": ["CREATE INDEX by_v", "CREATE MATERIALIZED VIEW cqlsh.by_c"],
    "INDEX cqlsh.by_v": ["CREATE INDEX by_v ON cqlsh.t (v);"],
    "MATERIALIZED VIEW cqlsh.by_c": ["PRIMARY KEY (c, k)"],
    "TYPES": ["place", "address"],
    "TYPE cqlsh.address": ["tags frozen<set<text>>"],
    "FUNCTIONS": [],
    "AGGREGATES": [],
    "cqlsh.counted": ["hits counter"],
    "cqlsh": ["CREATE KEYSPACE cqlsh"],
}


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


def describes(shell):
    marks = "".join(f"DESCRIBE {what};\nSHOW VERSION;\n" for what in DESCRIBES)
    answers = shell.must(marks).split("[cqlsh ")
    for (what, parts), answer in zip(DESCRIBES.items(), answers):
        for part in parts:
            assert part in answer, f"DESCRIBE {what}: no {part!r} in\n{answer}"
    # What it says makes the same schema again.
    statements = shell.must("DESCRIBE KEYSPACE cqlsh;")
    again = statements.replace("cqlsh", "cqlsh_again")
    shell.must(again)
    assert shell.must("DESCRIBE KEYSPACE cqlsh_again;").split() == again.split()
    shell.must("DROP KEYSPACE cqlsh_again;")


def shows(shell):
    out = shell.must("SELECT * FROM cqlsh.t; EXPAND ON; SELECT * FROM cqlsh.t;")
    assert "it's ☃" in out and "(1 rows)" in out and "@ Row 1" in out, out
    out = shell.must("SHOW VERSION; SHOW HOST; CONSISTENCY; CONSISTENCY QUORUM; SERIAL CONSISTENCY LOCAL_SERIAL;")
    assert "CQL spec 3.4.7" in out and "Native protocol v5" in out and "level set to QUORUM" in out, out
    status, out, errors = shell.run("SELEC 1;")
    assert "SyntaxException" in out + errors, (status, out, errors)
    out = shell.must("TRACING ON; SELECT v FROM cqlsh.t WHERE k = 1; INSERT INTO cqlsh.t (k, c) VALUES (0, 0);")
    assert out.count("Tracing session") == 2 and "Request complete" in out, out
    out = shell.must("LIST ROLES; LOGIN cqlsh_writer 'secret'; SELECT v FROM cqlsh.t WHERE k = 1;")
    assert "cqlsh_writer" in out and "it's ☃" in out, out


def copies(shell, directory):
    """Out, emptied, in, out again: the same; with every type, counters, many rows."""
    select = "SELECT * FROM cqlsh.every;"
    before = shell.must(select)
    every = os.path.join(directory, "every.csv")
    out = shell.must(f"COPY cqlsh.every TO '{every}' WITH HEADER = true AND NUMPROCESSES = 1;"
                     "TRUNCATE cqlsh.every;"
                     f"COPY cqlsh.every FROM '{every}' WITH HEADER = true AND NUMPROCESSES = 1;")
    assert "2 rows imported" in out and "0 skipped" in out, out
    assert shell.must(select) == before, (shell.must(select), before)

    counted = os.path.join(directory, "counted.csv")
    shell.must(f"COPY cqlsh.counted TO '{counted}' WITH NUMPROCESSES = 1;"
               f"COPY cqlsh.counted FROM '{counted}' WITH NUMPROCESSES = 1;")
    assert " 84" in shell.must("SELECT hits FROM cqlsh.counted;")  # Counters are added to.

    rows = os.path.join(directory, "rows.csv")
    with open(rows, "w") as file:
        for i in range(ROWS):
            file.write(f"{i % 10},{i},text {i},{i / 4}\n")
    shell.must("TRUNCATE cqlsh.t;")
    shell.must(f"COPY cqlsh.t (k, c, v, d) FROM '{rows}' WITH NUMPROCESSES = 1;")
    out = shell.must("PAGING 500; SELECT count(*) FROM cqlsh.t; SELECT c FROM cqlsh.t; PAGING OFF; SELECT c FROM cqlsh.by_c;")
    assert out.count(f"({ROWS} rows)") == 2, out[-200:]
    copied = os.path.join(directory, "copied.csv")
    shell.must(f"COPY cqlsh.t (k, c, v, d) TO '{copied}' WITH NUMPROCESSES = 1 AND PAGESIZE = 100;")
    with open(copied) as file, open(rows) as written:
        texts = [{line.split(",")[2] for line in lines} for lines in (file, written)]
    assert texts[0] == texts[1], len(texts[0] ^ texts[1])


def main():
    shell = Cqlsh(*sys.argv[1:4])
    with tempfile.TemporaryDirectory() as directory:
        script = os.path.join(directory, "schema.cql")
        with open(script, "w") as file:
            file.write(SCHEMA)
        shell.must(f"SOURCE '{script}';")
        shows(shell)
        describes(shell)
        copies(shell, directory)
        shell.must("DROP ROLE cqlsh_writer; DROP KEYSPACE cqlsh;")
    print("cqlsh: ok")


if __name__ == "__main__":
    main()
