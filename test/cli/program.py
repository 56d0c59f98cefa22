"""The program under test: how the tests of this folder and of test/crash run it, each in a directory of its own."""

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
PROGRAM = os.path.abspath(os.environ.get('PROGRAM_UNDER_TEST', os.path.join(ROOT, 'build', 'release', 'cassette')))
MUSIC = os.path.join(ROOT, 'models', 'music.yaml')
NETWORK = os.path.join(ROOT, 'models', 'network.yaml')
SHARED = os.path.join(ROOT, '..', 'shared', 'data')
TIMEOUT_SECONDS = 120

# What generate music writes as header; rows() makes files of the same columns.
HEADER = ('artist,auth,firstName,gender,itemInSession,lastName,length,level,location,method,page,registration,'
          'sessionId,song,status,ts,userId')


def row(artist='Faithless', item='4', length='495.3', session='338', song='Music Matters', user='50'):
    """A record of an event file."""
    return f'{artist},Logged In,Ann,F,{item},Bell,{length},free,Bath,PUT,NextSong,,{session},{song},200,,{user}'


class Answer:
    """What a run of the program left."""

    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode('utf-8', 'replace')
        self.err = done.stderr.decode('utf-8', 'replace')

    def json(self):
        return json.loads(self.out)

    def csv(self):
        return list(csv.DictReader(io.StringIO(self.out, newline='')))

    def __str__(self):
        return f'exit status {self.status}\nstandard output:\n{self.out[-3000:]}\nstandard error:\n{self.err[-3000:]}'


class ProgramTest(unittest.TestCase):
    """A test with a temporary directory, in which the program runs."""

    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='cassette-test-')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read().decode('utf-8', 'replace')

    def environment(self, **more):
        environment = {key: value for key, value in os.environ.items() if not key.startswith('CASSETTE_')}
        environment.update(HOME=self.directory, TERM='xterm', **more)
        return environment

    def run_program(self, *arguments, stdin=b'', **environment):
        return Answer(subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, cwd=self.directory,
                                     env=self.environment(**environment), timeout=TIMEOUT_SECONDS, check=False))

    def succeed(self, *arguments, **more):
        answer = self.run_program(*arguments, **more)
        self.assertEqual(answer.status, 0, f'{arguments}: {answer}')
        return answer

    def fail_with(self, status, *arguments, contains=(), **more):
        """The run must end with `status`, nothing but results on standard output, and say `contains`."""
        answer = self.run_program(*arguments, **more)
        self.assertEqual(answer.status, status, f'{arguments}: {answer}')
        for text in [contains] if isinstance(contains, str) else contains:
            self.assertIn(text, answer.err)
        return answer

    def select(self, cql, *arguments):
        """The rows that a SELECT answers."""
        answer = self.succeed('shell', '--format', 'json', '-e', cql, *arguments)
        return answer.json()

    def tables(self, keyspace, *arguments):
        return [entry['table_name'] for entry in self.select(
            f"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{keyspace}'", *arguments)]
