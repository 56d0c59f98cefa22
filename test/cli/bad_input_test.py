"""What bad input gets: file:line:column, what was expected and what was found; the row in the rejects file; exit
status 1 past --max-rejects and no table left behind; models, statements and data directories refused by name."""

import csv
import gzip
import os
import subprocess
import unittest

import program
from program import HEADER, MUSIC, row

DAY = '2018-11-01-events.csv'


class RejectsTest(program.ProgramTest):
    """Broken records: refused with their place, while the rest of the file is loaded."""

    def load(self, content, *arguments):
        self.write(f'events/{DAY}', content)
        return self.run_program('run', MUSIC, '--source', 'events', '--format', 'json', *arguments)

    def assert_rejects(self, content, place, *words):
        """One record is refused at `place` (line:column) with `words`; the good one before it is loaded."""
        answer = self.load(content)
        self.assertEqual(answer.status, 0, str(answer))
        report = answer.json()
        self.assertEqual(report['rows_rejected'], 1, str(answer))
        reject = report['first_rejects'][0]
        self.assertTrue(reject.startswith(f'events/{DAY}:{place}: '), reject)
        for word in words:
            self.assertIn(word, reject)
        with open(self.path('cassette.rejects.csv'), newline='', encoding='utf-8', errors='replace') as file:
            rejects = list(csv.DictReader(line.replace('\0', '?') for line in file))
        self.assertEqual(len(rejects), 1)
        self.assertEqual(f"{rejects[0]['line']}:{rejects[0]['column']}", place)
        self.assertEqual(reject, f"{rejects[0]['file']}:{place}: {rejects[0]['reason']}")
        self.assertEqual(len(self.select('SELECT * FROM music.songs_by_session')), report['rows'])
        self.assertEqual(report['rows'] + report['rows_rejected'] + report['rows_filtered'], report['rows_read'])
        return rejects[0]['record']

    def test_too_few_columns(self):
        record = self.assert_rejects(f'{HEADER}\n{row()}\na,b,c\n', '3:1', 'expected 17 columns, found 3')
        self.assertEqual(record, 'a,b,c')

    def test_too_many_columns(self):
        self.assert_rejects(f'{HEADER}\n{row()}\n{row()},more\n', '3:1', 'expected 17 columns, found 18')

    def test_a_bad_number(self):
        bad = row(item='four')
        column = bad.index('four') + 1
        self.assert_rejects(f'{HEADER}\n{row()}\n{bad}\n', f'3:{column}', 'itemInSession', 'expected int',
                            "found 'four'")

    def test_a_number_out_of_range(self):
        self.assert_rejects(f'{HEADER}\n{row()}\n{row(user="2147483648")}\n', f'3:{row().rindex(",") + 2}',
                            'expected int', "found '2147483648'")

    def test_a_number_below_the_minimum(self):
        self.assert_rejects(f'{HEADER}\n{row()}\n{row(length="-1")}\n', f'3:{row().index("495.3") + 1}', 'length', 'below the minimum')

    def test_an_empty_key(self):
        self.assert_rejects(f'{HEADER}\n{row()}\n{row(session="")}\n', f'3:{row().index("338") + 1}', 'sessionId',
                            'required')

    def test_bad_utf8(self):
        bad = row().encode().replace(b'Music', b'\xff\xfeusic')
        self.assert_rejects(f'{HEADER}\n{row()}\n'.encode() + bad + b'\n',
                            f'3:{row().index("Music") + 1}', 'UTF-8')

    def test_a_nul_byte(self):
        bad = row().encode().replace(b'Music', b'M\0sic')
        self.assert_rejects(f'{HEADER}\n{row()}\n'.encode() + bad + b'\n',
                            f'3:{row().index("Music") + 1}', 'NUL')

    def test_an_unclosed_quote(self):
        self.assert_rejects(f'{HEADER}\n{row()}\n"{row()}\n{row(item="5")}\n', '3:1', 'quote', 'never closed')

    def test_text_after_a_closing_quote(self):
        self.assert_rejects(f'{HEADER}\n{row()}\n"Fai"th{row()[9:]}\n', '3:6', 'after the closing quote')

    def test_a_line_of_100_mb(self):
        record = self.assert_rejects(
            b'%b\n%b\n%b\n%b\n' % (HEADER.encode(), row().encode(), b'x' * 100_000_000, row(item='5').encode()),
            '3:1', 'bytes')
        self.assertLess(len(record), 100_000)

    def test_past_max_rejects_nothing_is_left(self):
        self.write(f'events/{DAY}', f'{HEADER}\n{row()}\n' + 'a,b\n' * 5)
        self.fail_with(1, 'run', MUSIC, '--source', 'events', '--max-rejects', '4', '--rejects', 'refused.csv',
                       contains=[f'events/{DAY}:7:1: expected 17 columns, found 2', 'more than 4', 'refused.csv',
                                 '--max-rejects'])
        self.assertEqual(self.tables('music'), [])
        self.assertEqual(len(self.read('refused.csv').splitlines()), 6)
        self.assertEqual(self.load(self.read(f'events/{DAY}'), '--max-rejects', '5').status, 0)
        self.assertEqual(len(self.select('SELECT * FROM music.songs_by_session')), 1)

    def test_past_max_rejects_tables_of_before_stay_as_they_were(self):
        self.assertEqual(self.load(f'{HEADER}\n{row()}\n').status, 0)
        self.write('more/2018-11-02-events.csv', f'{HEADER}\n{row(item="5")}\na,b\n')
        self.fail_with(1, 'run', MUSIC, '--source', 'more', '--max-rejects', '0')
        self.assertEqual([entry['item_in_session'] for entry in self.select('SELECT * FROM music.songs_by_session')],
                         [4])

    def test_resume_goes_on_behind_the_last_file(self):
        for day in range(1, 4):
            bad = 'a,b\n' if day == 2 else ''
            self.write(f'events/2018-11-0{day}-events.csv', f'{HEADER}\n{row(item=str(day))}\n{bad}')
        run = ['run', MUSIC, '--source', 'events', '--resume', '--format', 'json']
        self.fail_with(1, *run, '--max-rejects', '0', contains='events/2018-11-02-events.csv:3:1')
        self.assertEqual([entry['item_in_session'] for entry in self.select('SELECT * FROM music.songs_by_session')],
                         [1])
        self.write('events/2018-11-02-events.csv', f'{HEADER}\n{row(item="2")}\n')
        report = self.succeed(*run, '--max-rejects', '0').json()
        self.assertEqual((report['files_skipped'], report['rows']), (1, 2))
        self.assertEqual([entry['item_in_session'] for entry in self.select('SELECT * FROM music.songs_by_session')],
                         [1, 2, 3])

    def test_real_malformed_file(self):
        source = os.path.join(program.SHARED, 'sparkify_malformed')
        if not os.path.isdir(source):
            self.skipTest('../shared/data/sparkify_malformed is absent: its real malformed file is not tested')
        report = self.succeed('run', MUSIC, '--source', source, '--format', 'json').json()
        self.assertEqual(report['rows_rejected'], report['rows_read'])
        self.assertGreater(report['rows_rejected'], 0)
        self.assertIn(f'{DAY}:2:1: expected 17 columns, found 1', report['first_rejects'][0])


class FilesTest(program.ProgramTest):
    """Whole files: what they may look like, and what stops a run before anything is written."""

    def refuse(self, content, *words):
        self.write(f'events/{DAY}', content)
        self.fail_with(1, 'run', MUSIC, '--source', 'events', contains=[f'events/{DAY}', *words])
        self.assertEqual(self.tables('music'), [])

    def accept(self, content, rows):
        self.write(f'events/{DAY}', content)
        report = self.succeed('run', MUSIC, '--source', 'events', '--format', 'json').json()
        self.assertEqual((report['rows'], report['rows_rejected']), (rows, 0))
        return report

    def test_an_unknown_column(self):
        self.refuse(f'{HEADER},mood\n{row()},glad\n', f'{DAY}:1:', "unknown column 'mood'", 'expected')

    def test_a_missing_column(self):
        self.refuse(f'{HEADER.replace(",song,", ",")}\n', f'{DAY}:1:1', "column 'song' is missing", 'found')

    def test_a_duplicate_header(self):
        self.refuse(f'{HEADER.replace("gender", "auth")}\n', f'{DAY}:1:23', "column 'auth' twice")

    def test_an_empty_file(self):
        self.assertEqual(self.accept('', 0)['empty_files'], [f'events/{DAY}'])

    def test_a_header_alone(self):
        self.assertEqual(self.accept(f'{HEADER}\n', 0)['empty_files'], [f'events/{DAY}'])

    def test_lf(self):
        self.accept(f'{HEADER}\n{row()}\n{row(item="5")}\n', 2)

    def test_crlf(self):
        self.accept(f'{HEADER}\r\n{row()}\r\n{row(item="5")}\r\n', 2)

    def test_cr(self):
        self.accept(f'{HEADER}\r{row()}\r{row(item="5")}\r', 2)

    def test_no_line_end_at_the_end(self):
        self.accept(f'{HEADER}\n{row()}\n{row(item="5")}', 2)

    def test_a_byte_order_mark(self):
        self.accept(b'\xef\xbb\xbf' + f'{HEADER}\n{row()}\n'.encode(), 1)

    def test_gzip(self):
        self.accept(gzip.compress(f'{HEADER}\n{row()}\n'.encode()), 1)

    def test_gzip_that_ends_early(self):
        rows = ''.join(f'{row(item=str(number))}\n' for number in range(20000))
        self.refuse(gzip.compress(f'{HEADER}\n{rows}'.encode())[:-2000], 'gzip', 'ends early')

    def test_a_directory_where_a_file_should_be(self):
        os.makedirs(self.path('events', DAY))
        self.fail_with(1, 'run', MUSIC, '--source', 'events', contains=[f'events/{DAY}', 'a directory'])

    def test_a_source_that_is_not_there(self):
        self.fail_with(1, 'run', MUSIC, '--source', 'nowhere', contains='nowhere')

    def test_a_source_without_files_of_the_pattern(self):
        self.write('events/readme.txt', 'nothing here')
        self.fail_with(1, 'run', MUSIC, '--source', 'events', contains=['events', '-events.csv'])

    def test_an_unreadable_file(self):
        if os.geteuid() == 0:
            self.skipTest('run as root, who can read every file: unreadable files are not tested')
        os.chmod(self.write(f'events/{DAY}', f'{HEADER}\n{row()}\n'), 0)
        self.fail_with(1, 'run', MUSIC, '--source', 'events', contains=[f'events/{DAY}', 'Permission denied'])


class ModelTest(program.ProgramTest):
    """Mistakes in a model: file:line, the key and the allowed ones."""

    def refuse(self, old, new, line, *words):
        with open(MUSIC, encoding='utf-8') as file:
            text = file.read()
        self.assertIn(old, text)
        self.write('mine.yaml', text.replace(old, new, 1))
        self.fail_with(1, 'design', 'mine.yaml', contains=[f'mine.yaml:{line}:', *words])

    def line_of(self, text):
        with open(MUSIC, encoding='utf-8') as file:
            return next(number for number, line in enumerate(file, 1) if text in line)

    def test_an_unknown_key(self):
        self.refuse('question: What was', 'qestion: What was', self.line_of('What was'), "'qestion'", 'allowed:',
                    'question', 'find', 'by', 'order')

    def test_an_unknown_key_at_the_top(self):
        self.refuse('keyspace: music', 'key_space: music', self.line_of('keyspace:'), "'key_space'", 'keyspace',
                    'queries')

    def test_an_unknown_type(self):
        self.refuse('length: {type: double', 'length: {type: real', self.line_of('length: {'), 'length', 'real',
                    'double')

    def test_an_unknown_column(self):
        self.refuse('find: [artist, song_title, length]', 'find: [artist, title]', self.line_of('length]'), "'title'",
                    'song_title')

    def test_an_unknown_relation(self):
        self.refuse('{song_title: equals}', '{song_title: like}', self.line_of('{song_title: equals}'), 'like',
                    'equals', 'range')

    def test_bad_yaml(self):
        self.refuse('keyspace: music', 'keyspace: [music', self.line_of('keyspace:') + 2)

    def test_a_model_that_is_not_there(self):
        self.fail_with(1, 'run', 'no.yaml', contains=['no.yaml', 'No such file'])


class CqlTest(program.ProgramTest):
    """Mistakes in CQL: Cassandra's code and the place."""

    def test_syntax_shows_the_place(self):
        answer = self.fail_with(1, 'shell', '-e', 'SELECT *\nFRM system.local', contains=['0x2000', 'line 2:', 'FRM'])
        lines = answer.err.splitlines()
        self.assertEqual(lines[-1].index('^'), lines[-2].index('FRM'))

    def test_an_unknown_table_shows_the_place(self):
        self.fail_with(1, 'shell', '-e', 'SELECT * FROM system.nothing', contains=['0x2200', 'nothing', '^'])

    def test_a_file_and_its_line_are_named(self):
        self.write('a.cql', 'USE system;\n\nSELECT *\nFROM nothing;\n')
        self.fail_with(1, 'shell', '-f', 'a.cql', contains=['a.cql:3:', '0x2200', 'nothing'])

    def test_existing_keyspace_has_cassandras_code(self):
        create = "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};"
        self.fail_with(1, 'shell', '-e', create + create, contains='0x2400')


class DirectoryTest(program.ProgramTest):
    """Data directories that must not be opened."""

    QUERY = ('shell', '-e', 'SELECT key FROM system.local')

    def test_in_use_by_another_process(self):
        holder = subprocess.Popen([program.PROGRAM, 'shell', '--format', 'csv', '--on', 'mine'], cwd=self.directory,
                                  env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            holder.stdin.write(b'SELECT key FROM system.local;\n')
            holder.stdin.flush()
            self.assertEqual(holder.stdout.readline(), b'key\n')
            self.fail_with(1, *self.QUERY, '--on', 'mine', contains=['mine', 'in use'])
        finally:
            holder.communicate()
        self.assertEqual(holder.returncode, 0)
        self.succeed(*self.QUERY, '--on', 'mine')

    def test_of_another_version(self):
        self.succeed(*self.QUERY, '--on', 'mine')
        text = self.read('mine/VERSION')
        self.write('mine/VERSION', text.rstrip('\n0123456789') + '999\n')
        self.fail_with(1, *self.QUERY, '--on', 'mine', contains=['mine/VERSION', 'version 999'])
        self.write('mine/VERSION', text)
        self.succeed(*self.QUERY, '--on', 'mine')

    def test_not_ours(self):
        self.write('photos/cat.jpg', 'meow')
        self.fail_with(1, *self.QUERY, '--on', 'photos', contains=['photos', 'not a Cassette data directory'])
        self.assertEqual(os.listdir(self.path('photos')), ['cat.jpg'])

    def test_a_file(self):
        self.write('file', 'text')
        self.fail_with(1, *self.QUERY, '--on', 'file', contains='file')

    def test_a_damaged_sstable_is_named(self):
        self.write(f'events/{DAY}', f'{HEADER}\n{row()}\n')
        self.succeed('run', MUSIC, '--source', 'events')
        name = sorted(os.listdir(self.path('cassette-data', 'sstables')))[0]
        path = self.path('cassette-data', 'sstables', name)
        with open(path, 'r+b') as file:
            file.seek(os.path.getsize(path) // 3)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 0x10]))
        answer = self.run_program('admin', 'verify')
        self.assertEqual(answer.status, 1, str(answer))
        self.assertIn(name, answer.out + answer.err)


if __name__ == '__main__':
    unittest.main(verbosity=2)
