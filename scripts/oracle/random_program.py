"""Random CQL programs: a schema of any types, and statements on it, the same for the same seed.

Keys, write times and values are few, so that rows meet: written, deleted, written again with the same write time.
Programs keep off what docs/cql/differences.md lists, and off whatever depends on the time of day.
"""

import random

FEATURES = ("collections", "udt", "counters", "conditions", "json", "indexes")


class Type:
    """A CQL type: its name, literals to draw from, and what it can do."""

    def __init__(self, name, literals=(), number=False, parts=(), kind="scalar"):
        self.name = name
        self.literals = literals
        self.number = number
        self.parts = parts  # (name or None, type) of what it is made of.
        self.kind = kind

    @property
    def frozen(self):
        """Its name as a key column, or inside another type, has it."""
        return self.name if self.kind in ("scalar", "tuple", "vector") else f"frozen<{self.name}>"

    def literal(self, rng):
        if self.kind == "scalar":
            return rng.choice(self.literals)
        if self.kind == "map":
            return "{" + ", ".join(f"{self.parts[0][1].literal(rng)}: {self.parts[1][1].literal(rng)}" for _ in range(rng.randrange(4))) + "}"
        if self.kind in ("set", "list"):
            inner = ", ".join(self.parts[0][1].literal(rng) for _ in range(rng.randrange(4)))
            return "{" + inner + "}" if self.kind == "set" else "[" + inner + "]"
        if self.kind == "vector":
            return "[" + ", ".join(self.parts[0][1].literal(rng) for _ in range(2)) + "]"
        maybe = [(name, "null" if rng.random() < 0.15 else part.literal(rng)) for name, part in self.parts]
        if self.kind == "tuple":
            return "(" + ", ".join(value for _, value in maybe) + ")"
        return "{" + ", ".join(f"{name}: {value}" for name, value in maybe if rng.random() < 0.85) + "}"


SCALARS = [
    Type("ascii", ("''", "'a'", "'B'", "'zz'")),
    Type("bigint", ("-9223372036854775808", "-1", "0", "3", "9223372036854775807"), True),
    Type("blob", ("0x", "0x00", "0xff", "0x00ff10")),
    Type("boolean", ("true", "false")),
    Type("date", ("'1969-12-31'", "'1970-01-01'", "'2024-02-29'")),
    Type("double", ("-1.5", "0.0", "0.25", "1e300", "NaN", "-Infinity", "3"), True),
    Type("float", ("-1.5", "0.0", "0.1", "3", "Infinity"), True),
    Type("inet", ("'127.0.0.1'", "'10.0.0.1'", "'::1'")),
    Type("int", ("-2147483648", "-2", "0", "1", "7", "2147483647"), True),
    Type("smallint", ("-32768", "-1", "0", "5"), True),
    Type("text", ("''", "'a'", "'ab'", "'b'", "'é'", "'a longer text that is stored apart'")),
    Type("time", ("'00:00:00'", "'12:30:00.5'", "'23:59:59.999999999'")),
    Type("timestamp", ("0", "-1", "'2024-01-01 00:00:00+0000'", "1700000000123")),
    Type("timeuuid", ("13814000-1dd2-11b2-8080-808080808080", "d2177dd0-eaa2-11de-a572-001b779c76e3")),
    Type("tinyint", ("-128", "-1", "0", "127"), True),
    Type("uuid", ("00000000-0000-0000-0000-000000000000", "f47ac10b-58cc-4372-a567-0e02b2c3d479")),
    Type("varint", ("-1", "0", "99999999999999999999", "-170141183460469231731687303715884105728"), True),
]
VALUES_ONLY = [
    Type("decimal", ("-1.50", "0", "3.14", "1E+20"), True),
    Type("duration", ("1mo", "2d3h", "-1s", "12h30m")),
]
PLAIN = [t for t in SCALARS if t.name in ("int", "text", "bigint", "boolean", "double", "date")]


class Column:
    def __init__(self, name, cql_type, role, frozen=False, descending=False):
        self.name, self.type, self.role, self.descending = name, cql_type, role, descending
        self.frozen = frozen or role in ("partition", "clustering")
        self.values = []

    @property
    def cql(self):
        return self.type.frozen if self.frozen else self.type.name

    @property
    def collection(self):
        return self.type.kind if not self.frozen and self.type.kind in ("list", "set", "map", "udt") else None


class RandomProgram:
    def __init__(self, seed, features=FEATURES, statements=120):
        self.rng = random.Random(seed)
        self.seed = seed
        self.features = features
        self.count = statements
        self.counter = "counters" in features and self.rng.random() < 0.12
        self.conditional = not self.counter and "conditions" in features and self.rng.random() < 0.3
        self.udt = Type("u", parts=(("a", self.rng.choice(PLAIN)), ("b", self.rng.choice(PLAIN))), kind="udt")
        self.partition = [self.column(f"p{i}", "partition") for i in range(self.rng.choice([1, 1, 2]))]
        self.clustering = [self.column(f"c{i}", "clustering") for i in range(self.rng.choice([0, 1, 1, 2, 2, 3]))]
        self.statics = [self.column(f"s{i}", "static") for i in range(self.rng.choice([0, 1, 1, 2]) if self.clustering else 0)]
        self.regular = [self.column(f"v{i}", "regular") for i in range(self.rng.choice([1, 2, 3, 4]))]
        for key in self.partition + self.clustering:
            key.values = sorted({key.type.literal(self.rng) for _ in range(4 if len(self.clustering) < 2 else 2)})
        self.columns = self.partition + self.clustering + self.statics + self.regular

    # The schema.

    def type_for(self, role):
        keyed = role in ("partition", "clustering")
        scalars = SCALARS if keyed else SCALARS + VALUES_ONLY
        if self.counter and not keyed:
            return Type("counter", number=True)
        if "collections" not in self.features or self.rng.random() < (0.85 if keyed else 0.5):
            return self.rng.choice(scalars)
        inner = self.rng.choice(PLAIN if self.rng.random() < 0.6 else SCALARS)
        if self.rng.random() < 0.15:
            deep = Type(f"set<{inner.name}>", parts=((None, inner),), kind="set")
            inner = Type(deep.frozen, parts=deep.parts, kind="set") if not keyed else inner
        other = self.rng.choice(PLAIN)
        kinds = ["list", "set", "map", "tuple", "vector"] + (["udt", "udt"] if "udt" in self.features else [])
        kind = self.rng.choice(kinds)
        if kind == "udt":
            return self.udt
        if kind == "map":
            return Type(f"map<{other.name}, {inner.name}>", parts=((None, other), (None, inner)), kind="map")
        if kind == "tuple":
            return Type(f"tuple<{inner.name}, {other.name}>", parts=((None, inner), (None, other)), kind="tuple")
        if kind == "vector":
            number = Type("float", ("-1.5", "0.0", "2"))
            return Type("vector<float, 2>", parts=((None, number),), kind="vector")
        return Type(f"{kind}<{inner.name}>", parts=((None, inner),), kind=kind)

    def column(self, name, role):
        descending = role == "clustering" and self.rng.random() < 0.4
        return Column(name, self.type_for(role), role, self.rng.random() < 0.3, descending)

    def schema(self):
        yield f"CREATE TYPE u (a {self.udt.parts[0][1].name}, b {self.udt.parts[1][1].name})" if "udt" in self.features else None
        columns = ", ".join(f"{c.name} {c.cql}{' STATIC' if c.role == 'static' else ''}" for c in self.columns)
        keys = ", ".join(["(" + ", ".join(c.name for c in self.partition) + ")"] + [c.name for c in self.clustering])
        order = ", ".join(f"{c.name} {'DESC' if c.descending else 'ASC'}" for c in self.clustering)
        yield f"CREATE TABLE t ({columns}, PRIMARY KEY ({keys}))" + (f" WITH CLUSTERING ORDER BY ({order})" if order else "")
        if "indexes" in self.features and not self.counter and self.rng.random() < 0.3:
            yield f"CREATE INDEX ON t ({self.rng.choice(self.regular).name})"

    # Parts of statements.

    def chance(self, part):
        return self.rng.random() < part

    def value(self, column):
        if column.role in ("partition", "clustering"):
            return self.rng.choice(column.values)
        return "null" if self.chance(0.1) else column.type.literal(self.rng)

    def using(self, ttl=True):
        if self.counter or self.conditional:
            return ""
        return " USING TIMESTAMP " + str(self.rng.randrange(1, 12)) + (" AND TTL 100000" if ttl and self.chance(0.1) else "")

    def equal(self, columns):
        return [f"{c.name} = {self.value(c)}" for c in columns]

    def slice(self):
        """Relations on a prefix of the clustering columns; perhaps none."""
        if not self.clustering:
            return []
        size = self.rng.randrange(len(self.clustering) + 1)
        relations = self.equal(self.clustering[:size])
        if size == len(self.clustering):
            return relations
        column, kind = self.clustering[size], self.rng.random()
        if kind < 0.4:
            relations.append(f"{column.name} {self.rng.choice(['>', '>=', '<', '<='])} {self.value(column)}")
        elif kind < 0.55:
            relations += [f"{column.name} {self.rng.choice(['>', '>='])} {self.value(column)}", f"{column.name} {self.rng.choice(['<', '<='])} {self.value(column)}"]
        elif kind < 0.7:
            relations.append(f"{column.name} IN ({', '.join(self.value(column) for _ in range(self.rng.randrange(4)))})")
        elif kind < 0.85:
            rest = self.clustering[size:]
            relations.append(f"({', '.join(c.name for c in rest)}) {self.rng.choice(['>', '>=', '<', '<='])} ({', '.join(self.value(c) for c in rest)})")
        return relations

    def filter(self):
        column = self.rng.choice(self.columns)
        kinds = ["=", ">", "<=", "IN"] if column.type.kind == "scalar" else ["=", "CONTAINS", "CONTAINS KEY", "[]"]
        kind = self.rng.choice(kinds)
        if kind == "IN":
            return f"{column.name} IN ({self.nonnull(column.type)}, {self.nonnull(column.type)})"
        if kind == "CONTAINS":
            return f"{column.name} CONTAINS {self.nonnull(column.type.parts[-1][1])}"
        if kind == "CONTAINS KEY":
            return f"{column.name} CONTAINS KEY {self.nonnull(column.type.parts[0][1])}"
        if kind == "[]" and column.type.kind == "map":
            return f"{column.name}[{self.nonnull(column.type.parts[0][1])}] = {self.nonnull(column.type.parts[1][1])}"
        return f"{column.name} {kind if kind != '[]' else '='} {self.nonnull(column.type) if not column.values else self.value(column)}"

    def nonnull(self, cql_type):
        return cql_type.literal(self.rng) if cql_type.name != "counter" else str(self.rng.randrange(-3, 4))

    # Changes.

    def insert(self):
        if self.counter:
            return self.update()
        columns = self.partition + self.clustering + [c for c in self.statics + self.regular if self.chance(0.6)]
        if self.statics and self.chance(0.1):
            columns = self.partition + self.statics
        condition = " IF NOT EXISTS" if self.conditional and self.chance(0.5) else ""
        return f"INSERT INTO t ({', '.join(c.name for c in columns)}) VALUES ({', '.join(self.value(c) for c in columns)}){condition}{self.using()}"

    def assignment(self, column):
        kind, name = column.collection, column.name
        if column.type.name == "counter":
            return f"{name} = {name} {self.rng.choice('+-')} {self.rng.randrange(5)}"
        if kind is None or self.chance(0.35):
            return f"{name} = {self.value(column)}"
        parts = [part for _, part in column.type.parts]
        if kind == "udt":
            field = self.rng.choice(column.type.parts)
            return f"{name}.{field[0]} = {'null' if self.chance(0.15) else field[1].literal(self.rng)}"
        if kind == "map" and self.chance(0.5):
            return f"{name}[{parts[0].literal(self.rng)}] = {'null' if self.chance(0.2) else parts[1].literal(self.rng)}"
        if kind == "list" and self.chance(0.3):
            return f"{name}[{self.rng.randrange(3)}] = {'null' if self.chance(0.2) else parts[0].literal(self.rng)}"
        if kind == "list" and self.chance(0.3):
            return f"{name} = {column.type.literal(self.rng)} + {name}"
        if kind == "map" and self.chance(0.4):
            return f"{name} = {name} - " + "{" + ", ".join(parts[0].literal(self.rng) for _ in range(self.rng.randrange(1, 3))) + "}"
        return f"{name} = {name} {self.rng.choice('++-')} {column.type.literal(self.rng)}"

    def condition(self, columns):
        if not self.conditional or self.chance(0.4):
            return ""
        if self.chance(0.3) or not columns:
            return " IF EXISTS"
        return " IF " + " AND ".join(self.one_condition(self.rng.choice(columns)) for _ in range(self.rng.choice([1, 1, 2])))

    def one_condition(self, column):
        if column.collection == "map" and self.chance(0.5):
            return f"{column.name}[{column.type.parts[0][1].literal(self.rng)}] {self.rng.choice(['=', '!=', '>'])} {column.type.parts[1][1].literal(self.rng)}"
        if column.collection == "list" and self.chance(0.5):
            return f"{column.name}[{self.rng.randrange(3)}] = {column.type.parts[0][1].literal(self.rng)}"
        if column.collection == "udt" and self.chance(0.5):
            return f"{column.name}.a {self.rng.choice(['=', '!='])} {self.udt.parts[0][1].literal(self.rng)}"
        if self.chance(0.2):
            return f"{column.name} IN ({self.value(column)}, {self.value(column)})"
        return f"{column.name} {self.rng.choice(['=', '=', '!=', '<', '>=', '>'])} {self.value(column)}"

    def update(self):
        if self.statics and self.chance(0.2):
            columns, where = [c for c in self.statics if self.chance(0.7)] or self.statics[:1], self.equal(self.partition)
        else:
            columns = [c for c in self.regular if self.chance(0.5)] or self.regular[:1]
            columns += [c for c in self.statics if self.chance(0.1)]
            where = self.equal(self.partition + self.clustering)
        assignments = ", ".join(self.assignment(c) for c in columns)
        return f"UPDATE t{self.using()} SET {assignments} WHERE {' AND '.join(where)}{self.condition(self.statics + self.regular)}"

    def delete(self):
        kind = self.rng.random()
        whole = self.equal(self.partition + self.clustering)
        if kind < 0.35:
            columns = [c for c in self.regular if self.chance(0.5)] or self.regular[:1]
            what = ", ".join(self.deleted(c) for c in columns)
            return f"DELETE {what} FROM t{self.using(False)} WHERE {' AND '.join(whole)}{self.condition(self.statics + self.regular)}"
        if kind < 0.55:
            return f"DELETE FROM t{self.using(False)} WHERE {' AND '.join(whole)}{self.condition(self.statics + self.regular)}"
        if kind < 0.9:
            return f"DELETE FROM t{self.using(False)} WHERE {' AND '.join(self.equal(self.partition) + self.slice())}"
        if self.statics:
            return f"DELETE {self.rng.choice(self.statics).name} FROM t{self.using(False)} WHERE {' AND '.join(self.equal(self.partition))}"
        return f"DELETE FROM t{self.using(False)} WHERE {' AND '.join(self.equal(self.partition))}"

    def deleted(self, column):
        if column.collection in ("map", "set") and self.chance(0.5):
            return f"{column.name}[{column.type.parts[0][1].literal(self.rng)}]"
        if column.collection == "list" and self.chance(0.3):
            return f"{column.name}[{self.rng.randrange(3)}]"
        if column.collection == "udt" and self.chance(0.5):
            return f"{column.name}.a"
        return column.name

    def change(self):
        return self.rng.choice([self.insert, self.insert, self.update, self.delete])()

    def batch(self):
        kind = "COUNTER " if self.counter else self.rng.choice(["", "UNLOGGED "])
        if self.conditional:  # All of one partition, or it is refused.
            self.rng, saved = random.Random(self.rng.random()), self.rng
            keys, pinned = [c.values for c in self.partition], [[self.rng.choice(c.values)] for c in self.partition]
            for column, values in zip(self.partition, pinned):
                column.values = values
            changes = [self.change() for _ in range(self.rng.randrange(1, 4))]
            for column, values in zip(self.partition, keys):
                column.values = values
            self.rng = saved
        else:
            changes = [self.change() for _ in range(self.rng.randrange(1, 5))]
        return f"BEGIN {kind}BATCH\n" + "\n".join(f"  {c};" for c in changes) + "\nAPPLY BATCH"

    # Reads.

    def selection(self):
        if self.chance(0.35):
            return "*"
        if "json" in self.features and self.chance(0.1):
            return "JSON *"
        return ", ".join(self.selector(self.rng.choice(self.columns)) for _ in range(self.rng.randrange(1, 5)))

    def selector(self, column):
        name, kind = column.name, column.type.kind
        choices = [name, name, name]
        stamped = column.role in ("static", "regular") and not self.conditional and not self.counter
        if stamped and (kind in ("scalar", "tuple", "vector") or column.frozen):
            choices += [f"writetime({name})", f"(ttl({name}) + 50) / 100"]
        if stamped and column.collection:
            choices += [f"maxwritetime({name})", f"writetime({name})"]
        if kind == "map":
            choices += [f"{name}[{column.type.parts[0][1].literal(self.rng)}]", f"map_keys({name})", f"map_values({name})"]
        if kind == "set":
            choices += [f"{name}[{column.type.parts[0][1].literal(self.rng)}]", f"collection_count({name})"]
        if kind == "udt":
            choices += [f"{name}.a", f"{name}.b"]
        if "json" in self.features:
            choices.append(f"to_json({name})")
        if kind == "scalar" and column.type.name not in ("duration", "counter") and not column.descending:
            choices += [f"cast({name} AS text)"]
        return self.rng.choice(choices)

    def aggregates(self):
        column = self.rng.choice(self.columns)
        choices = ["count(*)", f"count({column.name})"]
        if column.type.kind == "scalar" and column.type.name != "duration":
            choices += [f"min({column.name})", f"max({column.name})"]
        if column.type.number and column.type.name not in ("double", "float", "decimal"):
            choices += [f"sum({column.name})", f"avg({column.name})"]
        return ", ".join(self.rng.choice(choices) for _ in range(self.rng.randrange(1, 3)))

    def select(self):
        kind, where, order, filtering = self.rng.random(), [], "", ""
        if kind < 0.45:
            where = self.equal(self.partition) + self.slice()
            if self.clustering and self.chance(0.4):
                flip = self.chance(0.5)
                order = " ORDER BY " + ", ".join(f"{c.name} {'DESC' if c.descending != flip else 'ASC'}" for c in self.clustering)
        elif kind < 0.55:
            where = self.equal(self.partition[:-1]) + [f"{self.partition[-1].name} IN ({self.value(self.partition[-1])}, {self.value(self.partition[-1])})"] + self.slice()
        elif kind < 0.65:
            names, values = ", ".join(c.name for c in self.partition), ", ".join(self.value(c) for c in self.partition)
            where = [f"token({names}) {self.rng.choice(['>', '<='])} token({values})"]
        elif kind < 0.85:
            where = [self.filter()] + ([self.filter()] if self.chance(0.3) else []) + (self.equal(self.partition) if self.chance(0.3) else [])
            filtering = " ALLOW FILTERING"
        if self.chance(0.12):
            what = self.aggregates()
        elif self.chance(0.06):
            what = "DISTINCT " + ", ".join(c.name for c in self.partition + self.statics)
        else:
            what = self.selection()
        limit = f" PER PARTITION LIMIT {self.rng.randrange(1, 4)}" if self.chance(0.12) and not what.startswith("DISTINCT") else ""
        limit += f" LIMIT {self.rng.randrange(1, 6)}" if self.chance(0.15) else ""
        clause = " WHERE " + " AND ".join(where) if where else ""
        return f"SELECT {what} FROM t{clause}{order}{limit}{filtering}"

    def group(self):
        keys = self.partition + self.clustering
        size = self.rng.randrange(len(self.partition), len(keys) + 1)
        names = ", ".join(c.name for c in keys[:size])
        return f"SELECT {names}, {self.aggregates()} FROM t GROUP BY {names}"

    def statements(self):
        yield from (statement for statement in self.schema() if statement)
        for number in range(self.count):
            chance = self.rng.random()
            if number < 15 or chance < 0.5:
                yield self.change()
            elif chance < 0.56:
                yield self.batch()
            elif chance < 0.95:
                yield self.select()
            else:
                yield self.group()
        yield "SELECT * FROM t"
