"""kill -9 of the real program: while rows are inserted one by one, and during a load. Afterwards the directory opens,
every file is sound, and all that was acknowledged is there. KILLS sets how many kills of each kind; the seed is
printed, and SEED repeats it."""

import os
import random
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'cli'))
import program  # noqa: E402

KILLS = int(os.environ.get('KILLS', '2'))
SEED = int(os.environ.get('SEED', str(random.SystemRandom().randrange(1 << 32))))
SCHEMA = ("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};"
          'CREATE TABLE k.t (part int, id int, note text, PRIMARY KEY (part, id));')
PARTS = 7
LOAD_RESOURCES = 12

NETWORK_MODEL = f"""
keyspace: network
source:
  generate: network_metrics
  resources: {LOAD_RESOURCES}
  metrics: 5
  every: 5m
  from: 2024-12-30
  days: 60
  seed: 1
queries:
  samples:
    find: [value]
    by: {{resource: equals, collected_at: range}}
    each: metric_name
    order: metric_name, collected_at desc
    bucket: week
  names:
    find: [metric_name]
    by: {{resource: equals}}
"""


def note(number):
    return f'row {number} ' + 'x' * (number % 300)


class InsertingShell:
    """A `cassette shell` fed through a pipe: inserts rows in order and counts those it answered for. An INSERT prints
    nothing, so that a SELECT behind each answers for it."""

    def __init__(self, test, first, *settings):
        self.process = subprocess.Popen([program.PROGRAM, 'shell', '--format', 'csv', *settings], cwd=test.directory,
                                        env=test.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.first = first
        self.acknowledged = first - 1
        self.sent = first - 1
        self.began = threading.Event()
        self.thread = threading.Thread(target=self._insert)
        self.thread.start()

    def _insert(self):
        number = self.first
        try:
            while True:
                statements = (f"INSERT INTO k.t (part, id, note) VALUES ({number % PARTS}, {number}, '{note(number)}');"
                              f'SELECT id FROM k.t WHERE part = {number % PARTS} AND id = {number};\n')
                self.sent = number
                self.process.stdin.write(statements.encode())
                self.process.stdin.flush()
                if self.process.stdout.readline() != b'id\n':
                    return
                if self.process.stdout.readline() != b'%d\n' % number:
                    return
                self.acknowledged = number
                self.began.set()
                number += 1
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            self.began.set()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()
        errors = self.process.stderr.read().decode()
        self.process.stderr.close()
        return errors


class KillTest(program.ProgramTest):

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)

    def verify(self):
        self.assertIn('all files are sound', self.succeed('admin', 'verify').out)

    def insert_and_kill(self, *settings):
        self.succeed('shell', '-e', SCHEMA)
        acknowledged = 0
        for kill in range(KILLS):
            shell = InsertingShell(self, acknowledged + 1, *settings)
            self.assertTrue(shell.began.wait(program.TIMEOUT_SECONDS), 'no row was acknowledged')
            time.sleep(self.random.uniform(0, 0.4))
            errors = shell.kill()
            self.assertEqual(errors, '', f'kill {kill}, seed {SEED}')
            self.assertGreater(shell.acknowledged, acknowledged, f'kill {kill}, seed {SEED}')
            self.verify()
            found = {entry['id']: entry['note'] for entry in self.select('SELECT id, note FROM k.t')}
            missing = [number for number in range(1, shell.acknowledged + 1) if number not in found]
            self.assertEqual(missing, [], f'acknowledged and lost; kill {kill}, seed {SEED}')
            # One row may have been written and not yet acknowledged; no other may be there.
            self.assertLessEqual(max(found), shell.sent)
            self.assertEqual([number for number, text in found.items() if text != note(number)], [])
            acknowledged = max(found)

    def test_inserts_with_periodic_sync(self):
        self.insert_and_kill('--commitlog-sync', 'periodic')

    def test_inserts_with_batch_sync(self):
        self.insert_and_kill('--commitlog-sync', 'batch')

    def test_inserts_with_group_sync(self):
        self.insert_and_kill('--commitlog-sync', 'group', '--commitlog-sync-group-window-ms', '2')

    def test_inserts_while_memtables_are_flushed(self):
        self.insert_and_kill('--memtable-heap', '64K')

    def counts(self):
        found = self.tables('network')
        return [int(self.select(f'SELECT count(*) FROM network.{table}')[0]['count']) if table in found else 0
                for table in ('samples', 'names')]

    def test_a_load_is_visible_wholly_or_not_at_all(self):
        self.write('network.yaml', NETWORK_MODEL)
        begin = time.monotonic()
        self.succeed('run', 'network.yaml', '--on', 'whole')
        seconds = time.monotonic() - begin
        whole = [int(self.select(f'SELECT count(*) FROM network.{table}', '--on', 'whole')[0]['count'])
                 for table in ('samples', 'names')]
        self.assertGreater(whole[0], 0)
        for kill in range(KILLS):
            process = subprocess.Popen([program.PROGRAM, 'run', 'network.yaml'], cwd=self.directory,
                                       env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(self.random.uniform(0, seconds))
            process.kill()
            process.wait()
            if os.path.exists(self.path('cassette-data')):  # A kill may come before the first mkdir.
                self.verify()
            self.assertIn(self.counts(), [[0, 0], whole], f'kill {kill}, seed {SEED}')
        self.succeed('run', 'network.yaml')
        self.assertEqual(self.counts(), whole)
        self.verify()


if __name__ == '__main__':
    print(f'seed {SEED}, {KILLS} kills of each kind', file=sys.stderr)
    unittest.main(verbosity=2)
