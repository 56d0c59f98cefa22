"""`serve` from outside: what it says, what it refuses, and the page of its settings."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from program import PROGRAM
from wire_client import WireClient

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "server.md")


class ServeTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def start(self, *arguments, **options):
        command = [PROGRAM, "serve", "--listen", "127.0.0.1:0", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process, process.stdout.readline()

    def refused(self, *arguments, status=1):
        done = subprocess.run([PROGRAM, "serve", *arguments], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_the_page_of_settings_is_what_the_program_prints(self):
        printed = subprocess.run([PROGRAM, "serve", "--settings"], capture_output=True, text=True, check=True).stdout
        with open(PAGE) as file:
            written = re.search(r"<!-- settings -->\n(.*)<!-- end of settings -->", file.read(), re.DOTALL).group(1)
        self.assertEqual(written, printed)

    def test_the_settings_in_force_are_a_table(self):
        _, line = self.start("--memory", "--page-size-max", "4321")
        settings = WireClient(int(re.search(r":(\d+) \(", line).group(1))).ask("SELECT * FROM system_views.settings")
        with open(PAGE) as file:
            names = re.findall(r"^\| `(\w+)` \|", file.read(), re.MULTILINE)
        self.assertGreater(len(names), 20)
        for name in names:
            self.assertIn(name.encode(), settings)
        self.assertIn(b"page_size_max\0\0\0\x044321", settings)

    def test_it_says_when_it_is_ready_and_ends_cleanly(self):
        path = os.path.join(self.directory.name, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(path)
            notified.settimeout(20)
            process, line = self.start("--memory", env={**os.environ, "NOTIFY_SOCKET": path})
            self.assertRegex(line, r"^cassette \d+\.\d+\.\d+ ready on 127\.0\.0\.1:\d+ \(in memory; 0 tables; \d+ ms\)$")
            self.assertEqual(notified.recv(100), b"READY=1")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(notified.recv(100), b"STOPPING=1")
            self.assertEqual(process.wait(20), 0)

    def test_requests_in_flight_are_answered_before_it_ends(self):
        connections, requests = 4, 50
        data = os.path.join(self.directory.name, "data")
        process, line = self.start("--on", data, "--commitlog-sync", "group")
        port = int(re.search(r":(\d+) \(", line).group(1))
        clients = [WireClient(port) for _ in range(connections)]
        clients[0].ask("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        clients[0].ask("CREATE TABLE ks.t (k int PRIMARY KEY)")
        for i, client in enumerate(clients):
            for stream in range(requests):
                client.send(f"INSERT INTO ks.t (k) VALUES ({i * requests + stream})", stream)
        process.send_signal(signal.SIGTERM)
        for client in clients:
            for _ in range(requests):
                self.assertEqual(client.receive()[0], WireClient.RESULT)
            self.assertTrue(client.is_ended())
        self.assertEqual(process.wait(20), 0)
        _, line = self.start("--on", data)
        client = WireClient(int(re.search(r":(\d+) \(", line).group(1)))
        self.assertTrue(client.ask("SELECT count(*) FROM ks.t").endswith((connections * requests).to_bytes(8, "big")))

    def test_what_is_in_use_is_named(self):
        _, line = self.start("--on", os.path.join(self.directory.name, "data"))
        address = re.search(r"ready on (\S+)", line).group(1)
        self.assertIn(address, self.refused("--memory", "--listen", address))
        self.assertIn("data", self.refused("--on", os.path.join(self.directory.name, "data"), "--listen", "127.0.0.1:0"))

    def test_wrong_settings_are_named(self):
        self.assertIn("page_size_max: 'many'", self.refused("--memory", "--page-size-max", "many", status=2))
        self.assertIn("nowhere:9042", self.refused("--memory", "--listen", "nowhere:9042", status=2))
        self.assertIn("--allow-anonymous", self.refused("--memory", "--listen", "0.0.0.0:0", status=2))
        config = os.path.join(self.directory.name, "server.yaml")
        with open(config, "w") as file:
            file.write("listen: 127.0.0.1:0\nevent_loops: 0\n")
        self.assertIn("event_loops: '0'", self.refused("--memory", "--config", config, status=2))

    def test_first_statements_run_and_failures_name_their_line(self):
        script = os.path.join(self.directory.name, "first.cql")
        with open(script, "w") as file:
            file.write("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};\n"
                       "CREATE TABLE k.t (k int PRIMARY KEY);\n")
        _, line = self.start("--memory", "--init", script)
        self.assertIn("1 tables", line)
        with open(script, "a") as file:
            file.write("SELEC;\n")
        self.assertIn("first.cql:3", self.refused("--memory", "--init", script, "--listen", "127.0.0.1:0"))


if __name__ == "__main__":
    unittest.main()
