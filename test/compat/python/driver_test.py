"""The stock Python driver against a server: driver_test.py HOST PORT."""

import datetime
import decimal
import ipaddress
import os
import sys
import time
import uuid
from collections import namedtuple

from cassandra import AlreadyExists, ConsistencyLevel, InvalidRequest, ProtocolVersion
from cassandra.cluster import Cluster, ExecutionProfile, EXEC_PROFILE_DEFAULT
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.protocol import SyntaxException
from cassandra.query import BatchStatement, BatchType, SimpleStatement, UNSET_VALUE, tuple_factory
from cassandra.util import Date, Duration, SortedSet, Time

PAGED_ROWS = 100_000
PAGE_ROWS = 5_000

VALUES = {
    "ascii": "plain",
    "bigint": -(2**63),
    "blob": b"\x00\xff\x10",
    "boolean": True,
    "date": Date(datetime.date(1969, 7, 20)),
    "decimal": decimal.Decimal("-12345678901234567890.0123"),
    "double": 0.1,
    "duration": Duration(1, 2, 3_000_000_000),
    "float": 1.5,
    "inet": "::1",
    "int": -42,
    "smallint": -32768,
    "text": "Käse ☃",
    "time": Time(12 * 3600 * 10**9 + 1),
    "timestamp": datetime.datetime(2024, 2, 29, 23, 59, 59, 123000),
    "timeuuid": uuid.UUID("8bd4a2e0-ec5b-11ee-8000-0123456789ab"),
    "tinyint": -128,
    "uuid": uuid.UUID("123e4567-e89b-42d3-a456-426614174000"),
    "varint": -(2**100),
    "frozen<list<int>>": [1, 2, 3],
    "frozen<map<text, double>>": {"a": 1.0, "b": -2.5},
    "frozen<set<text>>": {"x", "y"},
    "frozen<tuple<int, text>>": (7, "seven"),
    "list<text>": ["one", "two", "one"],
    "map<text, int>": {"a": 1, "b": 2},
    "set<uuid>": {uuid.UUID("123e4567-e89b-42d3-a456-426614174000")},
    "map<text, frozen<list<int>>>": {"even": [2, 4], "odd": [1, 3, 5]},
    "list<frozen<map<int, frozen<set<text>>>>>": [{1: {"a", "b"}}, {2: {"c"}}],
    "tuple<int, frozen<tuple<text, double>>>": (1, ("two", 3.0)),
    "vector<float, 3>": [0.5, -1.5, 2.0],
    "vector<text, 2>": ["a", "bcd"],
}


def connect(host, port, version, **options):
    profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([host]), row_factory=tuple_factory,
                               consistency_level=ConsistencyLevel.ONE)
    if version:
        options["protocol_version"] = version
    cluster = Cluster([host], port=port, execution_profiles={EXEC_PROFILE_DEFAULT: profile}, **options)
    return cluster, cluster.connect()


def plain(value):
    """The driver's own collections as Python's."""
    if isinstance(value, (str, bytes, Duration)):
        return value
    if hasattr(value, "items"):
        return {plain(key): plain(element) for key, element in value.items()}
    if isinstance(value, (set, frozenset, SortedSet)):
        return {plain(element) for element in value}
    if isinstance(value, tuple):
        return tuple(plain(element) for element in value)
    return [plain(element) for element in value] if isinstance(value, list) else value


def types_round_trip(session):
    names = {cql: f"c{i}" for i, cql in enumerate(VALUES)}
    columns = ", ".join(f"{name} {cql}" for cql, name in names.items())
    session.execute(f"CREATE TABLE all_types (k int PRIMARY KEY, {columns})")
    insert = session.prepare(
        f"INSERT INTO all_types (k, {', '.join(names.values())}) VALUES (?{', ?' * len(names)})")
    session.execute(insert, (1, *VALUES.values()))
    session.execute(insert, (2, *[None] * len(names)))
    session.execute(insert, (3, *[UNSET_VALUE] * len(names)))
    row = session.execute(f"SELECT {', '.join(names.values())} FROM all_types WHERE k = 1").one()
    for cql, read in zip(VALUES, row):
        written = VALUES[cql]
        read = str(ipaddress.ip_address(read)) if cql == "inet" else plain(read)
        assert read == written, f"{cql}: wrote {written!r}, read {read!r}"
    for key in (2, 3):
        assert all(value is None for value in session.execute(f"SELECT * FROM all_types WHERE k = {key}").one()[1:])


def collections(session):
    """Elements added and taken away, one statement each."""
    session.execute("CREATE TABLE collected (k int PRIMARY KEY, l list<int>, m map<text, int>, s set<text>)")
    change = session.prepare("UPDATE collected SET l = l + ?, m = m + ?, s = s + ? WHERE k = 1")
    session.execute(change, ([1, 2], {"a": 1}, {"x"}))
    session.execute(change, ([3], {"b": 2}, {"y", "z"}))
    session.execute(session.prepare("UPDATE collected SET l[?] = ?, m[?] = ?, s = s - ? WHERE k = 1"),
                    (0, 10, "a", 11, {"x"}))
    session.execute("DELETE m['b'] FROM collected WHERE k = 1")
    row = session.execute("SELECT l, m, s FROM collected WHERE k = 1").one()
    assert plain(row) == ([10, 2, 3], {"a": 11}, {"y", "z"}), row
    assert session.execute("SELECT m['a'] FROM collected WHERE k = 1").one() == (11,)


def counters(session):
    session.execute("CREATE TABLE counted (k text PRIMARY KEY, hits counter)")
    add = session.prepare("UPDATE counted SET hits = hits + ? WHERE k = ?")
    batch = BatchStatement(BatchType.COUNTER)
    for amount in (5, -2, 40):
        batch.add(add, (amount, "page"))
    session.execute(batch)
    session.execute("UPDATE counted SET hits = hits - 1 WHERE k = 'page'")
    assert session.execute("SELECT hits FROM counted WHERE k = 'page'").one() == (42,)


Address = namedtuple("Address", ["street", "tags", "place"])
Place = namedtuple("Place", ["x", "y"])


def user_types(cluster, session):
    session.execute("CREATE TYPE place (x double, y double)")
    session.execute("CREATE TYPE address (street text, tags frozen<set<text>>, place frozen<place>)")
    cluster.register_user_type(session.keyspace, "place", Place)
    cluster.register_user_type(session.keyspace, "address", Address)
    session.execute("CREATE TABLE people (k int PRIMARY KEY, home address, others map<text, frozen<address>>)")
    home = Address("High Street 1", {"old", "red"}, Place(1.5, -2.5))
    work = Address("Low Road", {"new"}, None)
    session.execute(session.prepare("INSERT INTO people (k, home, others) VALUES (?, ?, ?)"), (1, home, {"work": work}))
    session.execute("UPDATE people SET home.street = 'High Street 2' WHERE k = 1")
    read, others = session.execute("SELECT home, others FROM people WHERE k = 1").one()
    assert plain(read) == ("High Street 2", {"old", "red"}, (1.5, -2.5)), read
    assert plain(others["work"]) == tuple(work), others
    assert session.execute("SELECT home.street FROM people WHERE k = 1").one() == ("High Street 2",)


def conditions(session):
    session.execute("CREATE TABLE conditional (k int PRIMARY KEY, v int)")
    assert session.execute("INSERT INTO conditional (k, v) VALUES (1, 1) IF NOT EXISTS").was_applied
    assert not session.execute("INSERT INTO conditional (k, v) VALUES (1, 2) IF NOT EXISTS").was_applied
    change = session.prepare("UPDATE conditional SET v = ? WHERE k = 1 IF v = ?")
    assert session.execute(change, (5, 1)).was_applied
    assert session.execute(change, (6, 1)).one() == (False, 5)


def batches(session):
    session.execute("CREATE TABLE batched (k int, c int, v text, PRIMARY KEY (k, c))")
    insert = session.prepare("INSERT INTO batched (k, c, v) VALUES (?, ?, ?)")
    batch = BatchStatement(BatchType.LOGGED)
    for i in range(50):
        batch.add(insert, (1, i, str(i)))
    batch.add(SimpleStatement("INSERT INTO batched (k, c, v) VALUES (2, 0, 'text')"))
    batch.add(SimpleStatement("INSERT INTO batched (k, c, v) VALUES (%s, %s, %s)"), (2, 1, "bound"))
    session.execute(batch)
    assert session.execute("SELECT count(*) FROM batched").one()[0] == 52


def paging(session):
    session.execute("CREATE TABLE paged (k int, c int, v double, PRIMARY KEY (k, c))")
    insert = session.prepare("INSERT INTO paged (k, c, v) VALUES (?, ?, ?)")
    for begin in range(0, PAGED_ROWS, 200):
        batch = BatchStatement(BatchType.UNLOGGED)
        for i in range(begin, begin + 200):
            batch.add(insert, (i // 10_000, i, i / 2))
        session.execute(batch)
    statement = SimpleStatement("SELECT c, v FROM paged", fetch_size=PAGE_ROWS)
    rows = list(session.execute(statement))
    assert len(rows) == PAGED_ROWS, len(rows)
    assert {row[0] for row in rows} == set(range(PAGED_ROWS))
    prepared = session.prepare("SELECT c FROM paged WHERE k = ?")
    prepared.fetch_size = 999
    assert [row[0] for row in session.execute(prepared, (3,))] == list(range(30_000, 40_000))
    # A place in the middle, kept as bytes and taken up again.
    first = session.execute(statement)
    rest = list(session.execute(statement, paging_state=first.paging_state))
    assert len(rest) == PAGED_ROWS - PAGE_ROWS


def errors(session):
    for cql, kind in (("SELEC 1", SyntaxException), ("SELECT * FROM nowhere", InvalidRequest),
                      ("CREATE TABLE batched (k int PRIMARY KEY)", AlreadyExists)):
        try:
            session.execute(cql)
        except kind as error:
            if kind is AlreadyExists:
                assert (error.keyspace, error.table) == (session.keyspace, "batched"), vars(error)
        else:
            raise AssertionError(f"{cql}: no error")


def times(session):
    session.execute("CREATE TABLE times (k int PRIMARY KEY, v int)")
    session.execute(SimpleStatement("INSERT INTO times (k, v) VALUES (1, 1) USING TIMESTAMP 1234"))
    assert session.execute("SELECT writetime(v) FROM times").one()[0] == 1234
    named = session.execute("SELECT v FROM times WHERE k = %(key)s", {"key": 1}).one()
    assert named == (1,)


def altered(session):
    session.execute("CREATE TABLE altered (k int PRIMARY KEY, v int)")
    select = session.prepare("SELECT * FROM altered WHERE k = ?")
    session.execute("INSERT INTO altered (k, v) VALUES (1, 2)")
    assert session.execute(select, (1,)).one() == (1, 2)
    session.execute("ALTER TABLE altered ADD w text")
    session.execute("UPDATE altered SET w = 'new' WHERE k = 1")
    if session.cluster.protocol_version >= ProtocolVersion.V5:
        assert session.execute(select, (1,)).one() == (1, 2, "new")


def schema_events(cluster, session, host, port, version):
    other_cluster, other = connect(host, port, version)
    try:
        session.execute("CREATE TABLE announced (k int PRIMARY KEY, v int)")
        deadline = time.time() + 10
        metadata = other_cluster.metadata
        while "announced" not in metadata.keyspaces[session.keyspace].tables:
            assert time.time() < deadline, "no event of the new table"
            time.sleep(0.05)
    finally:
        other_cluster.shutdown()
    assert list(cluster.metadata.keyspaces[session.keyspace].tables["all_types"].columns)[0] == "k"


def many_at_once(session):
    session.execute("CREATE TABLE many (k int PRIMARY KEY, v int)")
    insert = session.prepare("INSERT INTO many (k, v) VALUES (?, ?)")
    futures = [session.execute_async(insert, (i, i)) for i in range(2_000)]
    for future in futures:
        future.result()
    select = session.prepare("SELECT v FROM many WHERE k = ?")
    futures = [session.execute_async(select, (i,)) for i in range(2_000)]
    assert [future.result().one()[0] for future in futures] == list(range(2_000))


def tracing(session):
    result = session.execute("SELECT * FROM many WHERE k = 1", trace=True)
    trace = result.get_query_trace(max_wait_sec=5)
    assert trace.duration is not None and trace.events, vars(trace)


def run(host, port, version, compression):
    cluster, session = connect(host, port, version, compression=compression)
    try:
        assert cluster.protocol_version == (version or ProtocolVersion.V5), cluster.protocol_version
        keyspace = f"py_{cluster.protocol_version}_{compression or 'plain'}".lower()
        session.execute(f"CREATE KEYSPACE {keyspace} WITH replication = "
                        "{'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.set_keyspace(keyspace)
        types_round_trip(session)
        collections(session)
        counters(session)
        user_types(cluster, session)
        conditions(session)
        batches(session)
        paging(session)
        errors(session)
        times(session)
        altered(session)
        many_at_once(session)
        schema_events(cluster, session, host, port, version)
        tracing(session)
        session.execute(f"DROP KEYSPACE {keyspace}")
    finally:
        cluster.shutdown()


def write_until_killed(host, port):
    """Numbers into killed.rows without end; each that is acknowledged is printed. Ends with the server."""
    _, session = connect(host, port, None)
    insert = session.prepare("INSERT INTO killed.rows (writer, number) VALUES ('python', ?)")
    number = 0
    while True:
        futures = [session.execute_async(insert, (number + i,), timeout=5) for i in range(16)]
        for i, future in enumerate(futures):
            future.result()
            print(number + i, flush=True)
        number += len(futures)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    if sys.argv[3:] == ["write"]:
        try:
            write_until_killed(host, port)
        except Exception:  # Whatever the driver makes of a server that is gone.
            os._exit(0)
    for version, compression in ((4, False), (5, False), (4, "lz4"), (4, "snappy"), (5, "lz4"), (None, False)):
        begin = time.time()
        run(host, port, version, compression)
        print(f"python driver: v{version or '?'} {compression or 'plain'}: ok ({time.time() - begin:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
