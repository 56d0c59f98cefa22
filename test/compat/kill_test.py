"""kill -9 while four drivers write: what was acknowledged is there. kill_test.py PROGRAM WRITER... where a writer is
NAME=COMMAND, run with HOST PORT write behind it; it prints each number that was acknowledged. Run by a Python with the
stock driver."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time

from cassandra.cluster import Cluster

from serving import Serving

WRITE_SECONDS = 3
START_SECONDS = 60


def connect(server):
    cluster = Cluster([server.host], port=server.port)
    return cluster, cluster.connect()


def write_and_kill(server, writers, directory):
    """The numbers that each writer saw acknowledged."""
    running, files = [], {}
    for name, command in writers.items():
        files[name] = os.path.join(directory, name)
        with open(files[name], "w") as file:
            running.append(subprocess.Popen([*shlex.split(command), server.host, str(server.port), "write"], stdout=file,
                                            stderr=subprocess.DEVNULL))
    deadline = time.time() + START_SECONDS
    while min(os.path.getsize(file) for file in files.values()) == 0:
        assert time.time() < deadline, "a writer does not write"
        time.sleep(0.1)
    time.sleep(WRITE_SECONDS)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    for process in running:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    acknowledged = {}
    for name, file in files.items():
        with open(file) as lines:
            # The last line may be cut.
            acknowledged[name] = {int(line) for line in lines if line.endswith("\n")}
    return acknowledged


def run(program, sync, writers):
    with tempfile.TemporaryDirectory() as directory:
        data = ("--on", os.path.join(directory, "data"), "--commitlog-sync", sync)
        server = Serving(program, data).__enter__()
        cluster, session = connect(server)
        session.execute("CREATE KEYSPACE killed WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.execute("CREATE TABLE killed.rows (writer text, number int, PRIMARY KEY (writer, number))")
        cluster.shutdown()
        acknowledged = write_and_kill(server, writers, directory)
        with Serving(program, data) as server:
            cluster, session = connect(server)
            for name, numbers in acknowledged.items():
                rows = session.execute("SELECT number FROM killed.rows WHERE writer = %s", (name,))
                lost = numbers - {row.number for row in rows}
                assert numbers and not lost, f"{sync}: {name} lost {len(lost)} of {len(numbers)}: {sorted(lost)[:10]}"
            cluster.shutdown()
        counts = ", ".join(f"{len(numbers)} of {name}" for name, numbers in acknowledged.items())
        print(f"kill -9, {sync}: ok ({counts})", flush=True)


def main():
    writers = dict(argument.split("=", 1) for argument in sys.argv[2:])
    for sync in ("batch", "group", "periodic"):
        run(sys.argv[1], sync, writers)


if __name__ == "__main__":
    main()
