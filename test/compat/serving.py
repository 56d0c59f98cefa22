"""A `cassette serve` for tests: started on a free port, stopped with SIGTERM."""

import re
import signal
import subprocess
import sys

START_SECONDS = 20
STOP_SECONDS = 20


class Serving:
    """`with Serving(program, arguments) as server: server.host, server.port`"""

    def __init__(self, program, arguments=("--memory",), listen="127.0.0.1:0"):
        self.command = [program, "serve", "--listen", listen, *arguments]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.ready_line = self.process.stdout.readline()
        found = re.search(r"ready on (\S+):(\d+)", self.ready_line)
        if not found:
            self.process.kill()
            raise RuntimeError(f"no ready line from {self.command}: {self.ready_line!r}")
        self.host, self.port = found.group(1), int(found.group(2))
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(STOP_SECONDS)
        if status != 0:
            raise RuntimeError(f"serve ended with {status}")


def main(arguments):
    """serving.py PROGRAM COMMAND...: runs COMMAND with HOST and PORT appended; its exit status."""
    with Serving(arguments[0]) as server:
        return subprocess.call([*arguments[1:], server.host, str(server.port)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
