"""A small client of Cassandra's native protocol v4: one connection, queries as text, values as bytes.

Only the Python standard library. A driver would decode values its own way (and refuse some dates); the golden files
compare text, so the bytes are decoded here (cql_text.py).
"""

import socket
import struct

OPCODE_ERROR, OPCODE_STARTUP, OPCODE_READY, OPCODE_QUERY, OPCODE_RESULT = 0x00, 0x01, 0x02, 0x07, 0x08
OPCODE_AUTHENTICATE, OPCODE_AUTH_RESPONSE, OPCODE_AUTH_SUCCESS = 0x03, 0x0F, 0x10
RESULT_VOID, RESULT_ROWS, RESULT_SET_KEYSPACE, RESULT_PREPARED, RESULT_SCHEMA_CHANGE = 1, 2, 3, 4, 5
CONSISTENCY_ONE = 0x0001


class CqlError(Exception):
    """What the server answers to a statement that it refuses."""

    def __init__(self, code, message):
        super().__init__(f"0x{code:04x} {message}")
        self.code = code
        self.message = message


class Rows:
    """A result: `columns` of (name, type), `rows` of bytes or None. A type is (id,) or (id, parameters...)."""

    def __init__(self, columns, rows):
        self.columns = columns
        self.rows = rows


class Reader:
    """Takes the protocol's notations from the front of a body."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, length):
        part = self.data[self.at:self.at + length]
        if len(part) != length:
            raise EOFError("message ends early")
        self.at += length
        return part

    def short(self):
        return struct.unpack(">H", self.take(2))[0]

    def int(self):
        return struct.unpack(">i", self.take(4))[0]

    def string(self):
        return self.take(self.short()).decode("utf-8")

    def bytes(self):
        length = self.int()
        return None if length < 0 else self.take(length)

    def type(self):
        kind = self.short()
        if kind == 0x0000:
            return (kind, self.string())
        if kind in (0x0020, 0x0022):
            return (kind, self.type())
        if kind == 0x0021:
            return (kind, self.type(), self.type())
        if kind == 0x0030:
            self.string()
            name = self.string()
            return (kind, name, [(self.string(), self.type()) for _ in range(self.short())])
        if kind == 0x0031:
            return (kind, [self.type() for _ in range(self.short())])
        return (kind,)


def parse_rows(reader):
    flags, count = reader.int(), reader.int()
    if flags & 0x0002:
        reader.bytes()
    if flags & 0x0001:
        reader.string()
        reader.string()
    columns = []
    for _ in range(count):
        if not flags & 0x0001:
            reader.string()
            reader.string()
        columns.append((reader.string(), reader.type()))
    rows = [[reader.bytes() for _ in range(count)] for _ in range(reader.int())]
    return Rows(columns, rows)


class Client:
    """One connection. Not thread safe."""

    def __init__(self, host="127.0.0.1", port=9042, timeout_seconds=60, login=("cassandra", "cassandra")):
        self.socket = socket.create_connection((host, port), timeout_seconds)
        options = {"CQL_VERSION": "3.4.7"}
        body = struct.pack(">H", len(options))
        for key, value in options.items():
            body += self._string(key) + self._string(value)
        opcode, _ = self._call(OPCODE_STARTUP, body)
        self.has_logins = opcode == OPCODE_AUTHENTICATE
        if self.has_logins:
            token = "".join("\0" + part for part in login).encode("utf-8")
            opcode, _ = self._call(OPCODE_AUTH_RESPONSE, struct.pack(">i", len(token)) + token)
        if opcode not in (OPCODE_READY, OPCODE_AUTH_SUCCESS):
            raise RuntimeError(f"the server answers STARTUP with opcode {opcode}")

    @staticmethod
    def _string(text):
        data = text.encode("utf-8")
        return struct.pack(">H", len(data)) + data

    def _receive(self, length):
        data = b""
        while len(data) < length:
            part = self.socket.recv(length - len(data))
            if not part:
                raise ConnectionError("the server closed the connection")
            data += part
        return data

    def _call(self, opcode, body):
        self.socket.sendall(struct.pack(">BBhBi", 0x04, 0, 0, opcode, len(body)) + body)
        _, flags, _, answer, length = struct.unpack(">BBhBi", self._receive(9))
        reader = Reader(self._receive(length))
        if flags & 0x08:  # Warnings.
            for _ in range(reader.short()):
                reader.string()
        if answer == OPCODE_ERROR:
            code = reader.int()
            raise CqlError(code, reader.string())
        return answer, reader

    def execute(self, cql):
        """Runs one statement; gives Rows or None. Raises CqlError."""
        text = cql.encode("utf-8")
        body = struct.pack(">i", len(text)) + text + struct.pack(">HB", CONSISTENCY_ONE, 0)
        _, reader = self._call(OPCODE_QUERY, body)
        return parse_rows(reader) if reader.int() == RESULT_ROWS else None

    def close(self):
        self.socket.close()
