"""The real data of ../shared/data through the program, against its expected/ figures."""

import csv
import json
import os
import unittest

import program
from program import MUSIC, NETWORK, SHARED

ABSENT = '../shared/data is absent: the figures of the real data are not tested'


def expected_music():
    with open(os.path.join(SHARED, 'expected', 'sparkify_expected.json'), encoding='utf-8') as file:
        return json.load(file)


def query(test, model, name, *arguments):
    return test.succeed('query', model, name, *arguments, '--format', 'json').json()


@unittest.skipUnless(os.path.isdir(os.path.join(SHARED, 'sparkify')), ABSENT)
class MusicTest(program.ProgramTest):

    def test_report_and_answers(self):
        expected = expected_music()
        report = self.succeed('run', MUSIC, '--source', os.path.join(SHARED, 'sparkify'), '--format', 'json').json()
        self.assertEqual(
            (report['files'], report['rows_read'], report['rows_filtered'], report['rows_rejected'], report['rows']),
            (expected['files'], expected['csv_rows_total'], expected['rows_empty_artist'], 0,
             expected['rows_nonempty_artist']))
        for table in report['tables']:
            with self.subTest(table=table['table']):
                figures = expected['tables'][table['table']]
                self.assertEqual(
                    (table['rows_written'], table['rows_distinct'], table['rows_overwritten'], table['rows_in_table'],
                     table['partitions'], table['largest_partition_rows']),
                    (6820, figures['rows'], 6820 - figures['rows'], figures['rows'], figures['partitions'],
                     figures['max_partition_rows']))
        self.assertEqual(sorted(table['table'] for table in report['tables']), sorted(expected['tables']))
        self.check_answers(expected)
        again = self.succeed('run', MUSIC, '--source', os.path.join(SHARED, 'sparkify'), '--format', 'json').json()
        self.assertEqual((again['files_skipped'], again['rows']), (30, 0))
        self.check_answers(expected)

    def check_answers(self, expected):
        self.assertEqual([list(entry.values()) for entry in query(
            self, MUSIC, 'songs_by_session', 'session_id=338', 'item_in_session=4')], expected['q1']['rows'])
        self.assertEqual([list(entry.values()) for entry in query(
            self, MUSIC, 'songs_by_user_session', 'user_id=10', 'session_id=182')], expected['q2']['rows'])
        self.assertEqual([list(entry.values()) for entry in query(
            self, MUSIC, 'users_by_song', "song_title=All Hands Against His Own")], expected['q3']['rows'])

    def test_what_is_wrong_with_the_files(self):
        out = self.succeed('run', MUSIC, '--source', os.path.join(SHARED, 'sparkify'), '--dry-run').out
        lines = [line for line in out.splitlines() if line.startswith('  ')]

        def line(*words):
            found = [text for text in lines if all(word in text for word in words)]
            self.assertEqual(len(found), 1, f'{words} in {lines}')
            return found[0]

        lost = line('happened_at', 'lost precision')
        self.assertRegex(lost, r'\b8,?056\b')
        self.assertRegex(lost, r'\b244 distinct')
        self.assertRegex(lost, r'\b5,?000 s\b')
        twice = [int(line(column, 'UTF-8').split(':')[1].split()[0]) for column in ('artist', 'song_title')]
        self.assertEqual(sum(twice), 346)
        self.assertIn(' 7 ', line('song_title', 'blanks'))
        self.assertFalse(os.path.exists(self.path('cassette-data')))


@unittest.skipUnless(os.path.isdir(os.path.join(SHARED, 'nab')), ABSENT)
class NabTest(program.ProgramTest):

    def test_series(self):
        with open(os.path.join(SHARED, 'expected', 'nab_summary.csv'), newline='', encoding='utf-8') as file:
            expected = list(csv.DictReader(file))
        rows = sum(int(series['rows']) for series in expected)
        kept = sum(int(series['unique_rows_after_upsert']) for series in expected)
        partitions = sum(int(series['iso_week_partitions']) for series in expected)
        self.assertEqual((len(expected), rows, kept, partitions), (58, 365558, 365509, 385))
        report = self.succeed('run', NETWORK, '--source', os.path.join(SHARED, 'nab', 'data'), '--format',
                              'json').json()
        self.assertEqual((report['files'], report['rows_read'], report['rows_rejected']), (58, rows, 0))
        tables = {table['table']: table for table in report['tables']}
        week = tables['metrics_by_resource_week']
        self.assertEqual((week['rows_distinct'], week['rows_in_table'], week['partitions']), (kept, kept, partitions))
        self.assertEqual(tables['metrics_by_resource_list']['rows_in_table'], 58)
        found = self.select('SELECT resource, year, week_of_year, count(*) AS rows, min(collected_at) AS first, '
                            'max(collected_at) AS last FROM network.metrics_by_resource_week '
                            'GROUP BY resource, year, week_of_year')
        series = {}
        for entry in found:
            figures = series.setdefault(entry['resource'], {'rows': 0, 'partitions': 0, 'first': [], 'last': []})
            figures['rows'] += int(entry['rows'])
            figures['partitions'] += 1
            figures['first'].append(entry['first'])
            figures['last'].append(entry['last'])
        for one in expected:
            with self.subTest(series=one['file']):
                figures = series[os.path.basename(one['file']).removesuffix('.csv')]
                self.assertEqual((figures['rows'], figures['partitions']),
                                 (int(one['unique_rows_after_upsert']), int(one['iso_week_partitions'])))
                self.assertEqual((min(figures['first'])[:19], max(figures['last'])[:19]), (one['first'], one['last']))

    def test_a_span_reads_one_partition_a_week(self):
        source = os.path.join(SHARED, 'nab', 'data', 'realKnownCause', 'machine_temperature_system_failure.csv')
        self.succeed('run', NETWORK, '--source', source)
        span = ['metrics_by_resource_week', 'resource=machine_temperature_system_failure',
                'collected_at>=2013-12-28 00:00Z', 'collected_at<2014-01-02 00:00Z']
        statements = self.succeed('query', NETWORK, *span, '--cql').out.splitlines()
        self.assertEqual(len(statements), 2)
        # The ISO year: 30 December 2013 is in week 1 of 2014.
        self.assertIn('year = 2013 AND week_of_year = 52', statements[0])
        self.assertIn('year = 2014 AND week_of_year = 1 ', statements[1])
        with open(source, newline='', encoding='utf-8') as file:
            wanted = {entry['timestamp']: float(entry['value']) for entry in csv.DictReader(file)
                      if '2013-12-28' <= entry['timestamp'] < '2014-01-02'}
        answer = self.succeed('query', NETWORK, *span, '--format', 'json').json()
        self.assertEqual({entry['collected_at'][:19]: entry['value'] for entry in answer}, wanted)
        explained = self.succeed('query', NETWORK, *span, '--explain').out
        self.assertIn('partition', explained)


@unittest.skipUnless(os.path.isdir(os.path.join(SHARED, 'netmon', 'cisco_ie_telemetry_11')), ABSENT)
class RouterTest(program.ProgramTest):

    FILE = 'Cisco-IOS-XR-infra-statsd-oper__infra-statistics_interfaces_interface_generic-counters.csv.gz'

    def test_counters_of_a_router(self):
        source = os.path.join(SHARED, 'netmon', 'cisco_ie_telemetry_11', self.FILE)
        report = self.succeed('run', NETWORK, '--source', source, '--format', 'json').json()
        self.assertEqual((report['files'], report['rows_rejected']), (1, 0))
        self.assertGreater(report['rows'], report['rows_read'])  # One row a counter.
        week = next(table for table in report['tables'] if table['table'] == 'metrics_by_resource_week')
        self.assertEqual(week['rows_in_table'], week['rows_distinct'])
        self.assertEqual(week['rows_written'], report['rows'])
        names = self.select('SELECT resource, metric_name FROM network.metrics_by_resource_list')
        interfaces = {entry['resource'] for entry in names}
        self.assertEqual(len(interfaces), 36)
        self.assertIn('bytes-received', {entry['metric_name'] for entry in names})


if __name__ == '__main__':
    unittest.main(verbosity=2)
