"""Random CQL programs: a schema of any types, and statements on it, the same for the same seed.

Keys, write times and values are few, so that rows meet: written, deleted, written again with the same write time.
Programs keep off what docs/cql/differences.md lists, and off whatever depends on the time of day.
"""

import copy
import json
import random
import re

from random_types import ELEMENTS, PLAIN, SCALARS, VALUES_ONLY, Type, list_of, random_composite, set_of

FEATURES = ("collections", "udt", "counters", "conditions", "json", "indexes", "views", "alter", "mistakes")
# Not among them, since what it finds are mostly other words for the same mistake: "garbled", statements with a token
# left out, twice, or in another's place.
# In an assignment, or in what is deleted: places of lists, what is taken out of lists, and a column's own value.
READS = re.compile(r"^\w+\[\d+\]|^(\w+) = \1 (\+ (?![\[{])|- \[)|^\w+ -= \[")
TOKEN = re.compile(r"'(?:[^']|'')*'|[A-Za-z_][A-Za-z_0-9]*|[0-9][-0-9A-Za-z_.+]*|[<>!+-]=|\.\.|\S")


class Column:
    def __init__(self, name, cql_type, role, frozen=False, descending=False):
        self.name, self.type, self.role, self.descending = name, cql_type, role, descending
        # Cassandra's type of such a column is another class, also in a view that has it in ascending order.
        self.reversed = descending
        self.frozen = frozen or role in ("partition", "clustering")
        self.values = []

    def ascending(self):
        """Itself as a view's key column."""
        column = copy.copy(self)
        column.descending = False
        return column

    @property
    def cql(self):
        return self.type.frozen if self.frozen else self.type.name

    @property
    def collection(self):
        return self.type.kind if not self.frozen and self.type.kind in ("list", "set", "map", "udt") else None


class Table:
    """What statements name: a table, or a view of it."""

    def __init__(self, name, partition, clustering, statics, regular):
        self.name, self.partition, self.clustering, self.statics, self.regular = name, partition, clustering, statics, regular

    @property
    def keys(self):
        return self.partition + self.clustering

    @property
    def columns(self):
        return self.partition + self.clustering + self.statics + self.regular


class RandomProgram:
    def __init__(self, seed, features=FEATURES, statements=150):
        self.rng = random.Random(seed)
        self.seed = seed
        self.features = features
        self.count = statements
        self.ttls = 0
        self.counter = "counters" in features and self.rng.random() < 0.12
        self.viewed = not self.counter and "views" in features and self.rng.random() < 0.25
        self.conditional = not self.counter and ("garbled" in features or "conditions" in features and self.rng.random() < 0.3)
        self.user_types = self.random_user_types() if "udt" in features else []
        partition = [self.column(f"p{i}", "partition") for i in range(self.rng.choice([1, 1, 2]))]
        clustering = [self.column(f"c{i}", "clustering") for i in range(self.rng.choice([0, 1, 1, 2, 2, 3]))]
        statics = [self.column(f"s{i}", "static") for i in range(self.rng.choice([0, 1, 1, 2]) if clustering else 0)]
        regular = [self.column(f"v{i}", "regular") for i in range(self.rng.choice([1, 2, 3, 4]))]
        for key in partition + clustering:
            key.values = sorted({key.type.literal(self.rng) for _ in range(4 if len(clustering) < 2 else 2)})
        self.table = Table("t", partition, clustering, statics, regular)
        views = [self.view(f"m{i}") for i in range(self.rng.choice([1, 1, 2]))] if self.viewed else []
        self.views = [view for view in views if view is not None]

    # The schema.

    def random_user_types(self):
        def field():
            return random_composite(self.rng, [], True, 1) if "collections" in self.features and self.chance(0.2) else self.rng.choice(PLAIN)

        inner = Type("u", parts=(("a", field()), ("b", field())), kind="udt")
        outer = Type("w", parts=(("a", self.rng.choice(PLAIN)), ("b", inner), ("c", self.rng.choice(SCALARS))), kind="udt")
        return [inner, outer] if self.chance(0.4) else [inner]

    def type_for(self, role):
        keyed = role in ("partition", "clustering")
        if self.counter and not keyed:
            return Type("counter", number=True)
        if "collections" not in self.features or self.chance(0.85 if keyed else 0.5):
            return self.rng.choice(SCALARS if keyed else SCALARS + VALUES_ONLY)
        return random_composite(self.rng, self.user_types, keyed)

    def column(self, name, role):
        cql_type = self.type_for(role)
        descending = role == "clustering" and cql_type.kind == "scalar" and self.chance(0.4)
        return Column(name, cql_type, role, self.viewed or self.chance(0.3), descending)

    def view(self, name):
        """Of the key columns in another order, with one regular column more or none."""
        keys = list(self.table.keys)
        extra = [c for c in self.table.regular if not c.type.has("duration") and not c.type.has("decimal")]
        keys += [self.rng.choice(extra)] if extra and self.chance(0.6) else []
        self.rng.shuffle(keys)
        rest = [c for c in self.table.regular if c not in keys and self.chance(0.8)]
        # No view has an empty partition key.
        size = 2 if "''" in keys[0].type.literals or "0x" in keys[0].type.literals else 1
        if len(keys) < size:
            return None
        return Table(name, keys[:size], [c.ascending() for c in keys[size:]], [], rest)

    def schema(self):
        for user_type in self.user_types:
            yield f"CREATE TYPE {user_type.name} ({', '.join(f'{name} {part.frozen}' for name, part in user_type.parts)})"
        table = self.table
        columns = ", ".join(f"{c.name} {c.cql}{' STATIC' if c.role == 'static' else ''}" for c in table.columns)
        order = ", ".join(f"{c.name} {'DESC' if c.descending else 'ASC'}" for c in table.clustering)
        yield f"CREATE TABLE t ({columns}, {self.primary_key(table)})" + (f" WITH CLUSTERING ORDER BY ({order})" if order else "")
        for view in self.views:
            known = " AND ".join(f"{c.name} IS NOT NULL" for c in view.keys)
            if self.chance(0.2):
                column = self.rng.choice(table.keys)
                known += f" AND {column.name} {self.rng.choice(['>', '<=', '='])} {self.some(column)}"
            elif len(table.clustering) > 1 and self.chance(0.4):
                names = ", ".join(c.name for c in table.clustering)
                tuples = (", ".join(self.some(c) for c in table.clustering) for _ in range(self.rng.choice([1, 2, 4])))
                known += f" AND ({names}) IN ({', '.join(f'({values})' for values in tuples)})"
            what = "*" if len(view.columns) == len(table.columns) else ", ".join(c.name for c in view.columns)
            yield f"CREATE MATERIALIZED VIEW {view.name} AS SELECT {what} FROM t WHERE {known} {self.primary_key(view)}"
        if "indexes" in self.features and not self.counter and self.chance(0.4):
            for column in self.rng.sample(table.columns, min(len(table.columns), self.rng.choice([1, 1, 2]))):
                if column.collection in ("list", "set", "map") or column.type.kind == "vector":
                    continue
                yield f"CREATE INDEX ON t ({f'full({column.name})' if column.type.kind in ('list', 'set', 'map') else column.name})"

    @staticmethod
    def primary_key(table):
        return "PRIMARY KEY (" + ", ".join(["(" + ", ".join(c.name for c in table.partition) + ")"] + [c.name for c in table.clustering]) + ")"

    # Parts of statements.

    def chance(self, part):
        return self.rng.random() < part

    def literal(self, cql_type):
        """Of the type; seldom of another, for what a mistake is answered with."""
        if cql_type.name == "counter":
            return str(self.rng.randrange(-3, 4))
        # For a tuple, and for a collection in one, Cassandra takes any bytes.
        if "mistakes" in self.features and cql_type.kind != "tuple" and self.chance(0.004):
            return self.rng.choice(SCALARS + [list_of(SCALARS[8]), set_of(SCALARS[10])]).literal(self.rng)
        return cql_type.literal(self.rng)

    def some(self, column):
        """A value that is not null."""
        return self.rng.choice(column.values) if column.values else self.literal(column.type)

    def value(self, column):
        if column.role in ("partition", "clustering"):
            return self.rng.choice(column.values)
        return "null" if self.chance(0.1) else self.literal(column.type)

    def using(self, ttl=True):
        if self.counter or self.conditional:
            return ""
        # Each TTL is its own, far from the others: which of two expires later does not depend on the time of day.
        self.ttls += 1
        expiry = f" AND TTL {100000 + 1000 * self.ttls}" if ttl and not self.viewed and self.chance(0.1) else ""
        return f" USING TIMESTAMP {self.rng.randrange(1, 12)}{expiry}"

    def equal(self, columns):
        return [f"{c.name} = {self.some(c)}" for c in columns]

    def values(self, column, most=4):
        return ", ".join(self.some(column) for _ in range(self.rng.randrange(most)))

    def slice(self, table):
        """Relations on a prefix of the clustering columns; perhaps none."""
        if not table.clustering:
            return []
        size = self.rng.randrange(len(table.clustering) + 1)
        relations = self.equal(table.clustering[:size])
        if size == len(table.clustering):
            return relations
        column, kind = table.clustering[size], self.rng.random()
        rest = table.clustering[size:][:self.rng.randrange(1, 4)]
        names = "(" + ", ".join(c.name for c in rest) + ")"

        def together():
            return "(" + ", ".join(self.some(c) for c in rest) + ")"

        if kind < 0.35:
            relations.append(f"{column.name} {self.rng.choice(['>', '>=', '<', '<='])} {self.some(column)}")
        elif kind < 0.5:
            relations += [f"{column.name} {self.rng.choice(['>', '>='])} {self.some(column)}", f"{column.name} {self.rng.choice(['<', '<='])} {self.some(column)}"]
        elif kind < 0.65:
            relations.append(f"{column.name} IN ({self.values(column)})")
        elif kind < 0.75:
            relations.append(f"{names} {self.rng.choice(['>', '>=', '<', '<='])} {together()}")
        elif kind < 0.8:
            relations += [f"{names} {self.rng.choice(['>', '>='])} {together()}", f"{names} {self.rng.choice(['<', '<='])} {together()}"]
        elif kind < 0.87:
            relations.append(f"{names} IN ({', '.join(together() for _ in range(self.rng.randrange(1, 4)))})")
        return relations

    def filter(self, table):
        column = self.rng.choice(table.columns)
        kinds = ["=", ">", "<=", "<", ">=", "IN"]
        if column.type.kind in ("list", "set", "map"):
            kinds = ["=", "CONTAINS", "CONTAINS", "CONTAINS KEY", "[]", ">", "IN"]
        kind = self.rng.choice(kinds)
        if kind == "IN":
            return f"{column.name} IN ({self.some(column)}, {self.some(column)})"
        if kind == "CONTAINS" and column.frozen and column.type.elements[-1].has("decimal"):
            kind = "="  # In frozen ones Cassandra compares the spellings of decimals.
        if kind == "CONTAINS":
            return f"{column.name} CONTAINS {self.literal(column.type.elements[-1])}"
        if kind == "CONTAINS KEY":
            return f"{column.name} CONTAINS KEY {self.literal(column.type.elements[0])}"
        if kind == "[]" and column.type.kind == "map":
            return f"{column.name}[{self.literal(column.type.elements[0])}] = {self.literal(column.type.elements[1])}"
        return f"{column.name} {kind if kind != '[]' else '='} {self.some(column)}"

    # Changes.

    def insert(self):
        if self.counter:
            return self.update()
        table = self.table
        columns = table.keys + [c for c in table.statics + table.regular if self.chance(0.6)]
        if table.statics and self.chance(0.1):
            columns = table.partition + table.statics
        condition = " IF NOT EXISTS" if self.conditional and self.chance(0.5) else ""
        if "json" in self.features and self.chance(0.15):
            return self.insert_json(columns, condition)
        return f"INSERT INTO t ({', '.join(c.name for c in columns)}) VALUES ({', '.join(self.value(c) for c in columns)}){condition}{self.using()}"

    def insert_json(self, columns, condition):
        # Keys have few values, and those as CQL only; others are drawn anew.
        fields = {c.name: None if c.values == [] and self.chance(0.1) else c.type.value(self.rng) for c in columns}
        text = "{" + ", ".join(f"{json.dumps(c.name)}: {c.type.json(fields[c.name])}" for c in columns) + "}"
        default = self.rng.choice(["", " DEFAULT NULL", " DEFAULT UNSET"])
        return f"INSERT INTO t JSON '{text.replace(chr(39), chr(39) * 2)}'{default}{condition}{self.using()}"

    def assignment(self, column):
        kind, name = column.collection, column.name
        if column.type.name == "counter":
            return f"{name} = {name} {self.rng.choice('+-')} {self.rng.randrange(5)}"
        if kind is None and self.conditional and self.chance(0.15):
            return f"{name} = {name} + {self.literal(column.type)}"
        if kind is None or self.chance(0.35):
            return f"{name} = {self.value(column)}"
        parts = column.type.elements
        if kind == "udt":
            field = self.rng.choice(column.type.parts)
            return f"{name}.{field[0]} = {'null' if self.chance(0.15) else self.literal(field[1])}"
        if kind == "map" and self.chance(0.5):
            return f"{name}[{self.literal(parts[0])}] = {'null' if self.chance(0.2) else self.literal(parts[1])}"
        if kind == "list" and self.chance(0.3):
            return f"{name}[{self.rng.randrange(3)}] = {'null' if self.chance(0.2) else self.literal(parts[0])}"
        if kind == "list" and self.chance(0.3):
            return f"{name} = {self.literal(column.type)} + {name}"
        if kind == "map" and self.chance(0.4):
            return f"{name} = {name} - {self.literal(set_of(parts[0]))}"
        if self.chance(0.3):
            return f"{name} {self.rng.choice(['+=', '+=', '-='])} {self.literal(column.type)}"
        return f"{name} = {name} {self.rng.choice('++-')} {self.literal(column.type)}"

    def condition(self, columns):
        if not self.conditional or self.chance(0.4):
            return ""
        if self.chance(0.3) or not columns:
            return " IF EXISTS"
        return " IF " + " AND ".join(self.one_condition(self.rng.choice(columns)) for _ in range(self.rng.choice([1, 1, 2])))

    def condition_of(self, reads):
        """For a statement that reads what it changes, of its row: Cassandra reads only rows that conditions are about."""
        if self.conditional and reads:
            return " IF EXISTS"
        return self.condition(self.table.statics + self.table.regular)

    def one_condition(self, column):
        what, cql_type = column.name, column.type
        operators = ["=", "=", "!=", "<", ">=", ">"]
        if cql_type.kind == "map" and column.frozen:  # Cassandra compares elements of frozen ones the wrong way round.
            operators = ["=", "!="]
        # Cassandra compares the values of a map as if they were keys.
        if cql_type.kind == "map" and cql_type.elements[0].name == cql_type.elements[1].name and self.chance(0.4):
            what, cql_type = f"{what}[{self.literal(cql_type.elements[0])}]", cql_type.elements[1]
        elif cql_type.kind == "list" and self.chance(0.4):
            what, cql_type = f"{what}[{self.rng.randrange(3)}]", cql_type.elements[0]
        elif cql_type.kind == "udt" and self.chance(0.4):
            name, cql_type = self.rng.choice(cql_type.parts)
            what = f"{what}.{name}"
        elif cql_type.kind in ("list", "set", "map") and not cql_type.elements[-1].has("decimal") and self.chance(0.2):
            return f"{what} CONTAINS {self.literal(cql_type.elements[-1])}"

        if self.chance(0.08):
            return f"{what} {self.rng.choice(['=', '!='])} null"
        if self.chance(0.2):
            return f"{what} IN ({self.literal(cql_type)}, {self.rng.choice(['null', self.literal(cql_type)])})"
        operator, value = self.rng.choice(operators), self.literal(cql_type)
        if what == column.name and column.collection and value in ("[]", "{}"):
            operator = self.rng.choice(["=", "!="])  # Others are mistakes that Cassandra may find or not.
        return f"{what} {operator} {value}"

    def update(self):
        table = self.table
        if table.statics and self.chance(0.2):
            columns, where = [c for c in table.statics if self.chance(0.7)] or table.statics[:1], self.equal(table.partition)
        else:
            columns = [c for c in table.regular if self.chance(0.5)] or table.regular[:1]
            columns += [c for c in table.statics if self.chance(0.1)]
            where = self.equal(table.keys)
        if self.chance(0.06) and not self.conditional:
            last = table.keys[-1]
            where = self.equal(table.keys[:-1]) + [f"{last.name} IN ({self.values(last)})"]
        assignments = [self.assignment(c) for c in columns]
        condition = self.condition_of(any(READS.search(a) for a in assignments))
        return f"UPDATE t{self.using()} SET {', '.join(assignments)} WHERE {' AND '.join(where)}{condition}"

    def delete(self):
        table, kind = self.table, self.rng.random()
        whole = self.equal(table.keys)
        if kind < 0.35:
            columns = [c for c in table.regular if self.chance(0.5)] or table.regular[:1]
            what = [self.deleted(c) for c in columns]
            condition = self.condition_of(any(READS.search(d) for d in what))
            return f"DELETE {', '.join(what)} FROM t{self.using(False)} WHERE {' AND '.join(whole)}{condition}"
        if kind < 0.55:
            return f"DELETE FROM t{self.using(False)} WHERE {' AND '.join(whole)}{self.condition(table.statics + table.regular)}"
        if kind < 0.9:
            return f"DELETE FROM t{self.using(False)} WHERE {' AND '.join(self.equal(table.partition) + self.slice(table))}"
        if table.statics:
            what = self.deleted(self.rng.choice(table.statics))
            condition = self.condition_of(True) if READS.search(what) else ""
            return f"DELETE {what} FROM t{self.using(False)} WHERE {' AND '.join(self.equal(table.partition))}{condition}"
        return f"DELETE FROM t{self.using(False)} WHERE {' AND '.join(self.equal(table.partition))}"

    def deleted(self, column):
        if column.collection in ("map", "set") and self.chance(0.5):
            return f"{column.name}[{self.literal(column.type.elements[0])}]"
        if column.collection == "list" and self.chance(0.3):
            return f"{column.name}[{self.rng.randrange(3)}]"
        if column.collection == "udt" and self.chance(0.5):
            return f"{column.name}.{self.rng.choice(column.type.parts)[0]}"
        return column.name

    def change(self):
        if self.counter:  # No increments after deletions: what they give is not said.
            return self.update()
        return self.rng.choice([self.insert, self.insert, self.update, self.delete])()

    def batch(self):
        kind = "COUNTER " if self.counter else self.rng.choice(["", "UNLOGGED "])
        partition = self.table.partition
        saved = [c.values for c in partition]
        if self.conditional:  # All of one partition, or it is refused.
            for column in partition:
                column.values = [self.rng.choice(column.values)]
        changes = [self.change() for _ in range(self.rng.randrange(1, 5))]
        for column, values in zip(partition, saved):
            column.values = values
        return f"BEGIN {kind}BATCH\n" + "\n".join(f"  {c};" for c in changes) + "\nAPPLY BATCH"

    def alter(self):
        """A column more, or one less; never the last."""
        regular = self.table.regular
        if len(regular) > 2 and self.chance(0.5):
            dropped = regular.pop(self.rng.randrange(len(regular)))
            return f"ALTER TABLE t DROP {dropped.name}"
        # No name comes back: writes to it with times before the drop are seen by us alone.
        name = f"x{self.added}"
        self.added += 1
        regular.append(self.column(name, "regular"))
        return f"ALTER TABLE t ADD {name} {regular[-1].cql}"

    # Reads.

    def selection(self, table):
        if self.chance(0.3):
            return "*"
        if "json" in self.features and self.chance(0.1):
            return "JSON *" if self.chance(0.6) else "JSON " + ", ".join(c.name for c in self.rng.sample(table.columns, min(2, len(table.columns))))
        return ", ".join(self.selectors(table))

    def selectors(self, table):
        """A slice whose end lies before its start makes Cassandra lose the other parts of its column."""
        parts = {}
        for _ in range(self.rng.randrange(1, 5)):
            name = (column := self.rng.choice(table.columns)).name
            selector = self.selector(column)
            if f"{name}[" in selector:
                selector = name if name in parts and ".." in selector + parts[name] else selector
                parts[name] = parts.get(name, "") + selector
            yield selector

    def stamps(self, column, what, several):
        """Selectors of write times; nothing where they depend on the time of day. Nothing is added to `several`."""
        if column.role not in ("static", "regular") or self.conditional or self.counter:
            return []
        expiry = [] if several or self.viewed else [f"(ttl({what}) + 50) / 100"]
        return [f"writetime({what})", f"maxwritetime({what})"] + expiry

    def selector(self, column):
        name, cql_type = column.name, column.type
        kind, part = cql_type.kind, column.type.elements
        choices = [name, name, name] + self.stamps(column, name, column.collection is not None)
        if kind in ("map", "set"):
            element = f"{name}[{self.literal(part[0])}]"
            span = f"{name}[{self.rng.choice(['', self.literal(part[0])])}..{self.rng.choice(['', self.literal(part[0])])}]"
            choices += [element, element, span, span, f"collection_count({name})"]
            choices += self.stamps(column, element, True) + self.stamps(column, span, True)
        if kind == "map":
            choices += [f"map_keys({name})", f"map_values({name})"]
        if kind in ("list", "set") and part[0].kind == "scalar":
            choices += [f"collection_min({name})", f"collection_max({name})"]
        if kind in ("list", "set") and part[0].number and part[0].name not in ("double", "float", "decimal"):
            choices += [f"collection_sum({name})", f"collection_avg({name})"]
        if kind == "udt":
            field = f"{name}.{self.rng.choice(cql_type.parts)[0]}"
            choices += [field, field] + self.stamps(column, field, True)
        if "json" in self.features:
            choices.append(f"to_json({name})")
        if kind == "scalar" and cql_type.name not in ("duration", "counter") and not column.reversed:
            choices += [f"cast({name} AS text)"]
        if cql_type.number and cql_type.name in ("int", "bigint", "varint") and not column.reversed:
            choices += [f"cast({name} AS varint)", f"{name} {self.rng.choice('+-*')} {self.rng.randrange(1, 5)}"]
        return self.rng.choice(choices)

    def aggregates(self, table):
        column = self.rng.choice(table.columns)
        choices = ["count(*)", f"count({column.name})"]
        if column.type.name != "duration" and column.type.kind == "scalar":
            choices += [f"min({column.name})", f"max({column.name})"]
        if column.type.number and column.type.name not in ("double", "float", "decimal"):
            choices += [f"sum({column.name})", f"avg({column.name})"]
        return ", ".join(self.rng.choice(choices) for _ in range(self.rng.randrange(1, 3)))

    def order(self, table):
        if not table.clustering or self.chance(0.6):
            return ""
        flip, some = self.chance(0.5), table.clustering[:self.rng.randrange(1, len(table.clustering) + 1)]
        return " ORDER BY " + ", ".join(f"{c.name} {'DESC' if c.descending != flip else 'ASC'}" for c in some)

    def where(self, table):
        """Relations, and what follows them."""
        kind = self.rng.random()
        if kind < 0.45:
            return self.equal(table.partition) + self.slice(table), self.order(table), ""
        if kind < 0.55:
            last = table.partition[-1]
            return self.equal(table.partition[:-1]) + [f"{last.name} IN ({self.values(last)})"] + self.slice(table), self.order(table), ""
        if kind < 0.65:
            names, values = ", ".join(c.name for c in table.partition), ", ".join(self.some(c) for c in table.partition)
            return [f"token({names}) {self.rng.choice(['>', '<=', '>=', '<', '='])} token({values})"], "", ""
        if kind < 0.85:
            relations = [self.filter(table) for _ in range(self.rng.choice([1, 1, 1, 2, 3]))]
            relations += self.equal(table.partition) if self.chance(0.3) else []
            return relations, "", " ALLOW FILTERING" if self.chance(0.9) else ""
        return [], "", ""

    def select(self):
        table = self.rng.choice(self.views) if self.views and self.chance(0.5) else self.table
        relations, order, filtering = self.where(table)
        if self.chance(0.12):
            what = self.aggregates(table)
        elif self.chance(0.06):
            what = "DISTINCT " + ", ".join(c.name for c in table.partition + table.statics)
        else:
            what = self.selection(table)
        if what == "JSON *" and any(r.startswith(f"{table.partition[-1].name} IN") for r in relations):
            order = ""  # Cassandra sorts the texts.
        limit = f" PER PARTITION LIMIT {self.rng.randrange(1, 4)}" if self.chance(0.12) and not what.startswith("DISTINCT") else ""
        limit += f" LIMIT {self.rng.randrange(1, 6)}" if self.chance(0.15) else ""
        clause = " WHERE " + " AND ".join(relations) if relations else ""
        return f"SELECT {what} FROM {table.name}{clause}{order}{limit}{filtering}"

    def group(self):
        table = self.rng.choice(self.views) if self.views and self.chance(0.4) else self.table
        size = self.rng.randrange(len(table.partition), len(table.keys) + 1)
        names = ", ".join(c.name for c in table.keys[:size])
        relations, order, filtering = self.where(table) if self.chance(0.5) else ([], "", "")
        clause = " WHERE " + " AND ".join(relations) if relations else ""
        what = self.aggregates(table) if self.chance(0.8) else self.selector(self.rng.choice(table.columns))
        return f"SELECT {names}, {what} FROM {table.name}{clause} GROUP BY {names}{order}{filtering}"

    def garble(self, statement):
        tokens = TOKEN.findall(statement)
        at = self.rng.randrange(len(tokens))
        kind = self.rng.randrange(4)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            tokens[at] = self.rng.choice(tokens)
        else:
            other = self.rng.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        return " ".join(tokens)

    def statements(self):
        for statement in self.sound_statements():
            garbled = "garbled" in self.features and not statement.startswith(("CREATE", "BEGIN")) and self.chance(0.5)
            yield self.garble(statement) if garbled else statement

    def sound_statements(self):
        self.added = 0
        yield from self.schema()
        for number in range(self.count):
            chance = self.rng.random()
            if "alter" in self.features and not self.viewed and not self.counter and chance < 0.01:
                yield self.alter()
            elif number < 15 or chance < 0.5:
                yield self.change()
            elif chance < 0.56:
                yield self.batch()
            elif chance < 0.93:
                yield self.select()
            else:
                yield self.group()
        for table in [self.table] + self.views:
            yield f"SELECT * FROM {table.name}"
