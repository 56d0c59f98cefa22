"""Random CQL types, with literals of them as CQL and as JSON.

Literals are few, so that rows and elements meet. A map literal holds a key once: Cassandra keeps any of several.
"""

import json


class Type:
    """A CQL type: its name, literals to draw from, and what it can do."""

    def __init__(self, name, literals=(), number=False, parts=(), kind="scalar", size=0):
        self.name = name
        self.literals = literals
        self.number = number
        self.parts = parts  # (name or None, type) of what it is made of.
        self.kind = kind
        self.size = size  # Of a vector.

    @property
    def frozen(self):
        """Its name as a key column, or inside another type, has it."""
        return self.name if self.kind in ("scalar", "tuple", "vector") else f"frozen<{self.name}>"

    @property
    def elements(self):
        return [part for _, part in self.parts]

    def has(self, name):
        return self.name == name or any(part.has(name) for part in self.elements)

    def value(self, rng):
        """A value: a literal, or lists, pairs and the like of values."""
        if self.kind == "scalar":
            return rng.choice(self.literals)
        if self.kind == "map":
            pairs = [(self.elements[0].value(rng), self.elements[1].value(rng)) for _ in range(rng.randrange(4))]
            return list({self.elements[0].identity(key): (key, value) for key, value in pairs}.values())
        if self.kind == "set":
            values = [self.elements[0].value(rng) for _ in range(rng.randrange(4))]
            return [value for _, value in sorted({self.elements[0].cql(value): value for value in values}.items())]
        if self.kind in ("list", "vector"):
            return [self.elements[0].value(rng) for _ in range(self.size or rng.randrange(4))]
        maybe = [(name, None if rng.random() < 0.15 else part.value(rng)) for name, part in self.parts]
        return [pair for pair in maybe if self.kind == "tuple" or rng.random() < 0.85]

    def identity(self, value):
        """The same for values that are equal, though written otherwise: fields left out are null, sets have no order."""
        if value is None or self.kind == "scalar":
            return value
        if self.kind == "map":
            return frozenset((self.elements[0].identity(k), self.elements[1].identity(v)) for k, v in value)
        if self.kind == "set":
            return frozenset(self.elements[0].identity(part) for part in value)
        if self.kind in ("list", "vector"):
            return tuple(self.elements[0].identity(part) for part in value)
        if self.kind == "tuple":
            return tuple(part.identity(field) for part, (_, field) in zip(self.elements, value))
        fields = dict(value)
        return tuple(part.identity(fields.get(name)) for name, part in self.parts)

    def cql(self, value):
        """`value` as a CQL literal."""
        if value is None:
            return "null"
        if self.kind == "scalar":
            return value
        if self.kind == "map":
            return "{" + ", ".join(f"{self.elements[0].cql(k)}: {self.elements[1].cql(v)}" for k, v in value) + "}"
        if self.kind in ("set", "list", "vector"):
            inner = ", ".join(self.elements[0].cql(part) for part in value)
            return "{" + inner + "}" if self.kind == "set" else "[" + inner + "]"
        if self.kind == "tuple":
            return "(" + ", ".join(part.cql(field) for part, (_, field) in zip(self.elements, value)) + ")"
        types = dict(self.parts)
        return "{" + ", ".join(f"{name}: {types[name].cql(field)}" for name, field in value) + "}"

    def json(self, value):
        """`value` as JSON text."""
        if value is None:
            return "null"
        if self.kind == "scalar":
            if value.startswith("'"):
                return json.dumps(value[1:-1].replace("''", "'"), ensure_ascii=False)
            return value if self.number and value[-1].isdigit() or value in ("true", "false") else json.dumps(value)
        if self.kind == "map":
            key, item = self.elements
            keys = [k if k.startswith('"') else json.dumps(k, ensure_ascii=False) for k in (key.json(k) for k, _ in value)]
            return "{" + ", ".join(f"{k}: {item.json(v)}" for k, (_, v) in zip(keys, value)) + "}"
        if self.kind in ("set", "list", "vector"):
            return "[" + ", ".join(self.elements[0].json(part) for part in value) + "]"
        if self.kind == "tuple":
            return "[" + ", ".join(part.json(field) for part, (_, field) in zip(self.elements, value)) + "]"
        types = dict(self.parts)
        return "{" + ", ".join(f'"{name}": {types[name].json(field)}' for name, field in value) + "}"

    def literal(self, rng):
        return self.cql(self.value(rng))


def list_of(part):
    return Type(f"list<{part.frozen}>", parts=((None, part),), kind="list")


def set_of(part):
    return Type(f"set<{part.frozen}>", parts=((None, part),), kind="set")


def map_of(key, value):
    return Type(f"map<{key.frozen}, {value.frozen}>", parts=((None, key), (None, value)), kind="map")


def tuple_of(*parts):
    return Type(f"tuple<{', '.join(part.frozen for part in parts)}>", parts=tuple((None, part) for part in parts), kind="tuple")


def vector_of(part, size):
    return Type(f"vector<{part.frozen}, {size}>", parts=((None, part),), kind="vector", size=size)


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
    Type("timestamp", ("'1970-01-01 00:00:00+0000'", "'1969-12-31 23:59:59.999+0000'", "'2024-01-01 00:00:00+0000'")),
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
ELEMENTS = [Type("float", ("-1.5", "0.0", "2"), True), PLAIN[3], PLAIN[4]]  # Of vectors.


def random_composite(rng, user_types, keyed, depth=0):
    """A collection, tuple, vector or user type; inside a key without durations."""
    kind = rng.choice(["list", "set", "map", "tuple", "vector"] + ["udt", "udt"] * bool(user_types))
    if kind == "udt":
        return rng.choice(user_types)
    if kind == "vector":
        return vector_of(rng.choice(ELEMENTS), rng.choice([1, 2, 3]))

    def part(key=False):
        if depth < 2 and rng.random() < 0.2:
            return random_composite(rng, user_types, keyed or key, depth + 1)
        return rng.choice(PLAIN if rng.random() < 0.5 else SCALARS if keyed or key else SCALARS + VALUES_ONLY)

    if kind == "map":
        return map_of(part(True), part())
    if kind == "tuple":
        return tuple_of(*[part() for _ in range(rng.choice([1, 2, 2, 3]))])
    return list_of(part()) if kind == "list" else set_of(part(True))
