"""Every command from outside: help, exit statuses, which stream gets what, formats, settings, the log, the shell."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import unittest

import program
from program import HEADER, MUSIC, NETWORK, row

COMMANDS = [['run'], ['query'], ['design'], ['shell'], ['generate'], ['generate', 'music'], ['generate', 'network'],
            ['bench'], ['admin'], ['admin', 'flush'], ['admin', 'compact'], ['admin', 'snapshot'], ['admin', 'status'],
            ['admin', 'tablestats'], ['admin', 'compactionstats'], ['admin', 'describe-sstable'], ['admin', 'verify'],
            ['admin', 'scrub']]
KEYSPACE = "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};"
SCHEMA = KEYSPACE + 'CREATE TABLE k.t (id int PRIMARY KEY, note text);'


class CommandsTest(program.ProgramTest):

    def test_help_of_every_command_has_an_example(self):
        for command in [[], *COMMANDS]:
            with self.subTest(command=command):
                answer = self.succeed(*command, '--help')
                self.assertRegex(answer.out, r'Examples?:\n  (cassette|echo) ')
                self.assertEqual(answer.err, '')
        self.assertEqual(os.listdir(self.directory), [])

    def test_version(self):
        self.assertRegex(self.succeed('--version').out, r'^cassette \d+\.\d+\.\d+')

    def test_a_wrong_command_line_is_status_2(self):
        for arguments, word in [([], 'subcommand'), (['shelll'], 'shelll'), (['--nothing', 'shell'], '--nothing'),
                                (['shell', '--nothing'], '--nothing'), (['run'], 'MODEL'), (['admin'], 'subcommand'),
                                (['admin', 'flsh'], 'flsh'), (['run', MUSIC, '--max-rejects', 'x'], 'max-rejects'),
                                (['shell', '--format', 'xml'], 'xml'), (['shell', '--log-level', 'loud'], 'loud'),
                                (['shell', '--cache', 'much'], 'much'), (['shell', '--threads', '0'], 'threads'),
                                (['shell', '--commitlog-sync', 'never'], 'periodic, group, batch')]:
            with self.subTest(arguments=arguments):
                self.assertEqual(self.fail_with(2, *arguments, contains=word).out, '')
        self.assertEqual(os.listdir(self.directory), [])

    def test_failed_work_is_status_1(self):
        for arguments, word in [(['shell', '-e', 'SELECT'], '0x2000'), (['run', 'no.yaml'], 'no.yaml'),
                                (['query', MUSIC, 'nothing'], 'songs_by_session'),
                                (['query', MUSIC, 'users_by_song'], 'song_title'),
                                (['shell', '-f', 'no.cql'], 'no.cql'), (['admin', 'flush', 'nothing'], 'nothing'),
                                (['bench', 'nothing'], 'nothing'),
                                (['shell', '--on', 'cassandra://127.0.0.1', '-e', 'x'], 'cassandra://')]:
            with self.subTest(arguments=arguments):
                self.assertEqual(self.fail_with(1, *arguments, contains=word).out, '')

    def test_the_main_job(self):
        self.succeed('generate', 'music', 'events', '--files', '3')
        design = self.succeed('design', MUSIC, '--source', 'events', '--svg', 'music.svg', '--format', 'json').json()
        self.assertEqual([table['query'] for table in design['tables']],
                         ['songs_by_session', 'songs_by_user_session', 'users_by_song'])
        self.assertIn('<svg', self.read('music.svg'))
        run = self.succeed('run', MUSIC, '--source', 'events', '--format', 'json')
        self.assertEqual(run.err, '')  # No progress bar in pipes.
        report = run.json()
        self.assertEqual(report['rows'], report['rows_read'] - report['rows_filtered'])
        some = self.select('SELECT * FROM music.songs_by_session LIMIT 1')[0]
        arguments = ['query', MUSIC, 'songs_by_session', f"session_id={some['session_id']}",
                     f"item_in_session={some['item_in_session']}"]
        answer = self.succeed(*arguments, '--format', 'json').json()
        self.assertEqual([entry['song_title'] for entry in answer], [some['song_title']])
        table = self.succeed(*arguments)
        self.assertIn('(1 row)', table.out)
        self.assertIn('1 partition read', table.err)
        self.assertIn('SELECT', self.succeed(*arguments, '--cql').out)
        self.assertIn('partition', self.succeed(*arguments, '--explain').out)
        again = self.succeed('run', MUSIC, '--source', 'events', '--drop', '--format', 'csv').csv()
        self.assertEqual([int(entry['written']) for entry in again], [report['rows']] * 3)

    def test_admin(self):
        self.succeed('shell', '-e', SCHEMA + "INSERT INTO k.t (id, note) VALUES (1, 'a');")
        self.assertIn('1 table done', self.succeed('admin', 'flush', 'k.t').out)
        stats = self.succeed('admin', 'tablestats', 'k', '--format', 'json').json()
        self.assertEqual([(entry['table'], entry['SSTables'], entry['rows']) for entry in stats], [('t', 1, 1)])
        self.succeed('shell', '-e', "INSERT INTO k.t (id, note) VALUES (1, 'b');")
        self.succeed('admin', 'flush', 'k')
        self.succeed('admin', 'compact', 'k.t')
        stats = self.succeed('admin', 'tablestats', 'k.t', '--format', 'csv').csv()
        self.assertEqual([(entry['SSTables'], entry['rows']) for entry in stats], [('1', '1')])
        self.succeed('admin', 'snapshot', 'before')
        self.assertEqual(os.listdir(self.path('cassette-data', 'snapshots')), ['before'])
        self.fail_with(1, 'admin', 'snapshot', 'before', contains='before')
        self.assertEqual(len(self.succeed('admin', 'status', '--format', 'json').json()), 1)
        self.assertIn('all files are sound', self.succeed('admin', 'verify').out)
        self.assertEqual(self.select('SELECT note FROM k.t'), [{'note': 'b'}])
        self.assertIn('local read latency', self.succeed('admin', 'tablestats', 'k.t').out)
        compactions = self.succeed('admin', 'compactionstats', '--format', 'json').json()
        self.assertEqual([(entry['table'], entry['tasks']) for entry in compactions], [('t', 0)])

    def sstables(self):
        directory = self.path('cassette-data', 'sstables')
        return sorted(os.path.join(directory, name) for name in os.listdir(directory) if name.endswith('.sst'))

    def test_admin_describes_an_sstable(self):
        self.succeed('shell', '-e', SCHEMA + "INSERT INTO k.t (id, note) VALUES (1, 'a');")
        self.succeed('admin', 'flush')
        columns = self.succeed('admin', 'describe-sstable', self.sstables()[0], '--format', 'json').json()
        self.assertIn('note', [entry['column'] for entry in columns])
        self.assertIn('row groups:', self.succeed('admin', 'describe-sstable', self.sstables()[0]).out)
        self.fail_with(1, 'admin', 'describe-sstable', 'none.sst', contains='none.sst')

    def test_admin_finds_damage_and_scrubs_it(self):
        for number in range(2):
            self.succeed('shell', '-e', (SCHEMA if number == 0 else '') +
                         f"INSERT INTO k.t (id, note) VALUES ({number}, 'a');")
            self.succeed('admin', 'flush')
        self.assertIn('nothing was changed', self.succeed('admin', 'scrub').out)
        path = self.sstables()[0]
        with open(path, 'r+b') as file:
            file.truncate(100)
        verified = self.fail_with(1, 'admin', 'verify', contains='scrub')
        self.assertIn(os.path.basename(path), verified.out)
        self.fail_with(1, 'shell', '-e', 'SELECT * FROM k.t', contains=os.path.basename(path))
        self.assertIn('1 rows are lost', self.succeed('admin', 'scrub').out)
        self.assertIn('all files are sound', self.succeed('admin', 'verify').out)
        self.assertEqual(self.select('SELECT id FROM k.t'), [{'id': 1}])

    def test_bench(self):
        figures = self.succeed('bench', 'points', '--scale', '0.002', '--directory', 'bench', '--format',
                               'json').json()
        self.assertGreater(figures[0]['figure'], 0)
        self.assertEqual(os.listdir(self.directory), [])
        # What is there already stays, whatever becomes of the bench.
        self.write('mine/kept', '')
        self.succeed('bench', 'points', '--scale', '0.002', '--directory', 'mine')
        self.fail_with(1, 'bench', 'nothing', '--directory', 'mine')
        self.assertEqual(os.listdir(self.path('mine')), ['kept'])

    def test_scripts_may_leave_and_nest_so_deep(self):
        self.assertEqual(self.succeed('shell', '-e', 'EXIT; SELEC;').out, '')
        self.assertIn('SOURCE', self.succeed('shell', '-e', 'HELP; quit;').out)
        self.write('itself.cql', "SOURCE 'itself.cql';")
        self.fail_with(1, 'shell', '-f', 'itself.cql', contains='at most 16 deep')

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open('/dev/full', 'w') as full:
            for cql in ['SELECT * FROM system.local;', 'DESCRIBE TABLE system.local;']:
                done = subprocess.run([program.PROGRAM, 'shell', '-e', cql], stdout=full, stderr=subprocess.PIPE,
                                      cwd=self.directory, env=self.environment(), check=False)
                self.assertEqual(done.returncode, 1, cql)

    def test_generate_twice_gives_the_same_bytes(self):
        for seed, directory in [('7', 'one'), ('7', 'two'), ('8', 'three')]:
            self.succeed('generate', 'music', directory, '--files', '3', '--seed', seed)
            self.succeed('generate', 'network', f'{directory}.csv', '--resources', '2', '--days', '2', '--seed', seed)
        names = sorted(os.listdir(self.path('one')))
        self.assertEqual(len(names), 3)
        self.assertEqual(names, sorted(os.listdir(self.path('two'))))
        for name in names:
            self.assertEqual(self.read(f'one/{name}'), self.read(f'two/{name}'))
            self.assertNotEqual(self.read(f'one/{name}'), self.read(f'three/{name}'))
        self.assertEqual(self.read('one.csv'), self.read('two.csv'))
        self.assertNotEqual(self.read('one.csv'), self.read('three.csv'))
        self.assertEqual(self.succeed('run', NETWORK, '--source', 'one.csv', '--format', 'json').json()['rows'],
                         len(self.read('one.csv').splitlines()) - 1)

    def test_formats(self):
        self.succeed('shell', '-e', SCHEMA + "INSERT INTO k.t (id, note) VALUES (1, 'a \"b\", c\n\u00e9');"
                     'INSERT INTO k.t (id) VALUES (2);')
        self.assertEqual(self.select('SELECT * FROM k.t WHERE id = 1'), [{'id': 1, 'note': 'a "b", c\n\u00e9'}])
        self.assertEqual(self.select('SELECT * FROM k.t WHERE id = 2'), [{'id': 2, 'note': None}])
        self.assertEqual(self.select('SELECT * FROM k.t WHERE id = 3'), [])
        self.assertEqual(self.succeed('shell', '--format', 'csv', '-e', 'SELECT * FROM k.t WHERE id = 1').csv(),
                         [{'id': '1', 'note': 'a "b", c\n\u00e9'}])
        self.assertIn('(2 rows)', self.succeed('shell', '-e', 'SELECT * FROM k.t').out)
        described = self.succeed('shell', '-e', 'DESCRIBE TABLE k.t').out
        self.assertTrue(described.startswith('\nCREATE TABLE k.t (\n    id int PRIMARY KEY,\n    note text\n) WITH '), described)
        self.assertNotIn('rows)', described)


class SettingsTest(program.ProgramTest):

    SELECT = ('shell', '-e', 'SELECT key FROM system.local')

    def is_format(self, answer):
        if answer.out.startswith('['):
            return 'json'
        return 'csv' if answer.out.startswith('key\n') else 'table'

    def test_the_command_line_wins_then_the_environment_then_the_file(self):
        self.write('settings.yaml', 'format: json\non: from-file\n')
        self.assertEqual(self.is_format(self.succeed(*self.SELECT)), 'table')
        file = ['--config', 'settings.yaml']
        self.assertEqual(self.is_format(self.succeed(*self.SELECT, *file)), 'json')
        self.assertTrue(os.path.isdir(self.path('from-file')))
        self.assertEqual(self.is_format(self.succeed(*self.SELECT, CASSETTE_CONFIG='settings.yaml')), 'json')
        self.assertEqual(self.is_format(self.succeed(*self.SELECT, *file, CASSETTE_FORMAT='csv')), 'csv')
        self.assertEqual(self.is_format(self.succeed(*self.SELECT, *file, '--format', 'table', CASSETTE_FORMAT='csv')),
                         'table')

    def test_an_unknown_setting_is_named_with_its_line(self):
        self.write('settings.yaml', 'format: json\nlog_levle: info\n')
        self.fail_with(2, *self.SELECT, '--config', 'settings.yaml',
                       contains=['settings.yaml:2', "'log_levle'", 'allowed', 'log_level'])

    def test_a_wrong_value_is_named(self):
        self.fail_with(2, *self.SELECT, CASSETTE_ROW_GROUP_ROWS='5000', contains=['row_group_rows', "'5000'"])

    def test_a_config_that_is_not_there(self):
        self.assertIn('no.yaml', self.run_program(*self.SELECT, '--config', 'no.yaml').err)

    def test_the_log_goes_to_a_file_and_is_rotated(self):
        log = ['--log-level', 'info', '--log-file', 'cassette.log']
        self.write('cassette.log', 'x' * (10 << 20) + '\n')
        self.succeed('shell', '-e', SCHEMA + 'INSERT INTO k.t (id) VALUES (1);')
        answer = self.succeed(*self.SELECT, *log)
        self.assertEqual(answer.err, '')
        self.assertRegex(self.read('cassette.log'), r'^\d{4}-\d\d-\d\dT[0-9:.]+ info replayed')
        self.assertTrue(self.read('cassette.1.log').startswith('xxx'))

    def test_the_log_goes_to_standard_error(self):
        self.succeed('shell', '-e', SCHEMA + 'INSERT INTO k.t (id) VALUES (1);')
        answer = self.succeed(*self.SELECT, '--log-level', 'info', '--format', 'csv')
        self.assertIn(' info ', answer.err)
        self.assertEqual(answer.out, 'key\nlocal\n')


class ScriptTest(program.ProgramTest):
    """The shell without a terminal."""

    def test_file_source_and_several_lines(self):
        self.write('schema.cql', SCHEMA)
        self.write('all.cql', "SOURCE 'schema.cql';\n-- a comment; with a semicolon\nUSE k;\nINSERT INTO t\n"
                   "  (id, note)\nVALUES (1, 'a;b');\nSELECT *\n  FROM t;\n")
        self.assertEqual(self.succeed('shell', '-f', 'all.cql', '--format', 'csv').csv(), [{'id': '1', 'note': 'a;b'}])

    def test_standard_input(self):
        statements = SCHEMA + "USE k; BEGIN BATCH INSERT INTO t (id, note) VALUES (1, 'x'); APPLY BATCH; SELECT * FROM t"
        self.assertEqual(self.succeed('shell', '--format', 'csv', stdin=statements.encode()).csv(),
                         [{'id': '1', 'note': 'x'}])

    def test_standard_input_is_answered_as_it_arrives(self):
        shell = subprocess.Popen([program.PROGRAM, 'shell', '--format', 'csv'], cwd=self.directory,
                                 env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            for _ in range(3):
                shell.stdin.write(b'SELECT key\nFROM system.local;\n')
                shell.stdin.flush()
                self.assertEqual([shell.stdout.readline(), shell.stdout.readline()], [b'key\n', b'local\n'])
        finally:
            shell.communicate()
        self.assertEqual(shell.returncode, 0)

    def test_an_error_ends_it_and_names_file_line_and_code(self):
        answer = self.fail_with(1, 'shell', '--format', 'csv', contains=['standard input:3', '0x2000', 'SELEC', '^'],
                                stdin=b'SELECT key FROM system.local;\n\nSELEC 1;\nSELECT key FROM system.local;\n')
        self.assertEqual(answer.out, 'key\nlocal\n')

    def test_keyspace_option(self):
        self.succeed('shell', '-e', SCHEMA)
        self.assertEqual(self.select('SELECT * FROM t', '-k', 'k'), [])


def run_on_terminal(test, *arguments):
    """Starts the program under a pseudo-terminal: its process and the terminal's other end."""
    environment = test.environment()
    process, descriptor = pty.fork()
    if process == 0:
        try:
            os.chdir(test.directory)
            os.execve(program.PROGRAM, [program.PROGRAM, *arguments], environment)
        finally:  # Never back into the tests.
            os._exit(127)
    return process, descriptor


class Terminal:
    """The interactive shell under a pseudo-terminal."""

    def __init__(self, test, *arguments):
        self.test = test
        self.seen = ''
        self.process, self.descriptor = run_on_terminal(test, 'shell', *arguments)
        self.ended = False

    def send(self, text):
        os.write(self.descriptor, text.encode())

    def expect(self, pattern):
        """Waits until `pattern` is seen behind what was matched before; returns what came up to its end."""
        deadline = time.monotonic() + 30
        while True:
            found = re.search(pattern, self.seen)
            if found:
                text, self.seen = self.seen[:found.end()], self.seen[found.end():]
                return text
            if time.monotonic() > deadline or not self._read():
                self.test.fail(f'{pattern!r} not seen in {self.seen!r}')

    def expect_prompt(self, prompt='cassette> '):
        """Waits for the prompt, and for the editor to read keys: it prints the one just before it does the other."""
        self.expect(prompt)
        deadline = time.monotonic() + 30
        while termios.tcgetattr(self.descriptor)[3] & termios.ICANON:
            if time.monotonic() > deadline:
                self.test.fail('the terminal is left in canonical mode')
            time.sleep(0.001)

    def _read(self):
        if not select.select([self.descriptor], [], [], 1)[0]:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # The other side is closed.
            return False
        self.seen += data.decode('utf-8', 'replace')
        return bool(data)

    def wait(self):
        deadline = time.monotonic() + 30
        while self._read():
            if time.monotonic() > deadline:
                self.test.fail(f'still running, having written {self.seen!r}')
        _, status = os.waitpid(self.process, 0)
        self.ended = True
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if not self.ended:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.descriptor)


class InteractiveTest(program.ProgramTest):

    def start(self):
        terminal = Terminal(self)
        self.addCleanup(terminal.close)
        terminal.expect('EXIT')
        terminal.expect_prompt()
        return terminal

    def test_several_lines_and_an_error_that_does_not_end_it(self):
        terminal = self.start()
        terminal.send('SELECT key\n')
        terminal.expect_prompt(r'\.\.\.> ')
        terminal.send('FROM system.local;\n')
        terminal.expect(r'local')
        terminal.expect(r'\(1 row\)')
        terminal.expect_prompt()
        terminal.send('SELEC;\n')
        terminal.expect('error 0x2000: ')
        terminal.expect_prompt()
        terminal.send('USE system;\n')
        terminal.expect_prompt('cassette:system> ')
        terminal.send('EXIT\n')
        self.assertEqual(terminal.wait(), 0)

    def test_history_within_and_across_runs(self):
        terminal = self.start()
        terminal.send('SELECT key FROM system.local;\n')
        terminal.expect(r'\(1 row\)')
        terminal.expect_prompt()
        terminal.send('\x1b[A')
        terminal.expect(r'SELECT key FROM system\.local;')
        terminal.send('\n')
        terminal.expect(r'\(1 row\)')
        terminal.expect_prompt()
        terminal.send('EXIT\n')
        self.assertEqual(terminal.wait(), 0)
        terminal = self.start()
        terminal.send('\x1b[A')
        terminal.expect(r'SELECT key FROM system\.local;')
        terminal.send('\n')
        terminal.expect(r'\(1 row\)')
        terminal.expect_prompt()
        terminal.send('\x04')
        self.assertEqual(terminal.wait(), 0)

    def test_completion(self):
        self.succeed('shell', '-e', KEYSPACE + 'CREATE TABLE k.measurements (id int PRIMARY KEY, note text);')
        terminal = self.start()
        # Each TAB completes what the answer then needs: SELECT count(*) from k.measurements.
        for typed in ['SELE\t', 'count(*) fro\t', 'k.mea\t', ';\n']:
            terminal.send(typed)
        terminal.expect(' count')
        terminal.expect(r'\(1 row\)')
        terminal.expect_prompt()
        terminal.send('HELP;\n')
        terminal.expect('SOURCE')
        terminal.expect_prompt()
        terminal.send('QUIT\n')
        self.assertEqual(terminal.wait(), 0)

    def test_a_progress_bar_on_a_terminal(self):
        self.write('events/2018-11-01-events.csv', HEADER + '\n' + ''.join(
            row(item=str(number)) + '\n' for number in range(5000)))
        process, descriptor = run_on_terminal(self, 'run', MUSIC, '--source', 'events')
        seen = b''
        while True:
            try:
                data = os.read(descriptor, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
        os.close(descriptor)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), 0)
        self.assertIn(b'loading [', seen)
        self.assertIn(b'rows read: 5,000', seen)


if __name__ == '__main__':
    unittest.main(verbosity=2)
