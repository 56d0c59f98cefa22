"""A client of the native protocol, version 4, in as few lines as tests of the program need."""

import socket
import struct

STARTUP, QUERY = 0x01, 0x07


class WireClient:
    RESULT = 0x08

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        # As all drivers: what is sent has arrived.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.send_message(STARTUP, b"\0\1\0\x0bCQL_VERSION\0\x053.0.0", 0)
        self.receive()

    def send_message(self, opcode, body, stream):
        self.socket.sendall(struct.pack(">BBhBI", 4, 0, stream, opcode, len(body)) + body)

    def send(self, cql, stream):
        text = cql.encode()
        self.send_message(QUERY, struct.pack(">I", len(text)) + text + b"\0\1\0", stream)

    def receive(self):
        """Opcode and body of the next message."""
        _, _, _, opcode, size = struct.unpack(">BBhBI", self.take(9))
        return opcode, self.take(size)

    def ask(self, cql):
        """The body of the result."""
        self.send(cql, 0)
        opcode, body = self.receive()
        if opcode != self.RESULT:
            raise RuntimeError(f"{cql}: {body}")
        return body

    def is_ended(self):
        return not self.received and not self.socket.recv(1)

    def take(self, size):
        while len(self.received) < size:
            more = self.socket.recv(1 << 16)
            if not more:
                raise EOFError("the server ended the connection")
            self.received += more
        taken, self.received = self.received[:size], self.received[size:]
        return taken
