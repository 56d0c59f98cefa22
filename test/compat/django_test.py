"""examples/django against a server: django_test.py HOST PORT, run by the Python that has Django."""

import os
import subprocess
import sys

PROJECT = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "django")


def main():
    environment = {**os.environ, "CASSANDRA_HOST": sys.argv[1], "CASSANDRA_PORT": sys.argv[2]}
    # Twice: what is there already is left as it is.
    for command in (["sync_cassandra"], ["sync_cassandra"], ["test"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT, env=environment, check=True,
                       stdout=subprocess.DEVNULL)
    print("django: ok")


if __name__ == "__main__":
    main()
