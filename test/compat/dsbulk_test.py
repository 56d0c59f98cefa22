"""DSBulk unloads the music tables of one server, and loads them into another: dsbulk_test.py PROGRAM JARS."""

import os
import re
import subprocess
import sys
import tempfile

from serving import Serving

MODEL = os.path.join(os.path.dirname(__file__), "..", "..", "models", "music.yaml")
TABLES = ("songs_by_session", "songs_by_user_session", "users_by_song")


def dsbulk(jars, command, server, table, directory):
    done = subprocess.run(
        ["java", "-Xmx512m", "-cp", os.path.join(jars, "*"), "com.datastax.oss.dsbulk.runner.DataStaxBulkLoader",
         command, "-url", os.path.join(directory, table), "-k", "music", "-t", table, "-h", server.host, "-port",
         str(server.port), "-logDir", os.path.join(directory, "logs"), "--driver.basic.load-balancing-policy"
         ".local-datacenter", "datacenter1"], capture_output=True, text=True, timeout=300)
    counts = re.search(r"\n\s*([\d,]+) \|\s+([\d,]+) \|", done.stderr + done.stdout)
    assert done.returncode == 0 and counts, done.stdout + done.stderr
    total, failed = (int(count.replace(",", "")) for count in counts.groups())
    assert failed == 0, done.stderr
    return total


def rows(program, directory, table):
    out = subprocess.run([program, "--on", directory, "--format", "csv", "shell", "-e", f"SELECT * FROM music.{table}"],
                         capture_output=True, text=True, check=True)
    return sorted(out.stdout.splitlines())


def main():
    program, jars = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as directory:
        events, source, target = (os.path.join(directory, name) for name in ("events", "source", "target"))
        subprocess.run([program, "generate", "music", events, "--files", "3"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([program, "--on", source, "run", MODEL, "--source", events], check=True,
                       stdout=subprocess.DEVNULL)
        with Serving(program, ("--on", source)) as server:
            unloaded = {table: dsbulk(jars, "unload", server, table, directory) for table in TABLES}
        with Serving(program, ("--on", target, "--init-model", MODEL)) as server:
            loaded = {table: dsbulk(jars, "load", server, table, directory) for table in TABLES}
        assert loaded == unloaded and min(loaded.values()) > 0, (loaded, unloaded)
        for table in TABLES:
            assert rows(program, target, table) == rows(program, source, table), table
    print(f"dsbulk: ok ({', '.join(f'{count} {table}' for table, count in loaded.items())})")


if __name__ == "__main__":
    main()
