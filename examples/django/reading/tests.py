import datetime
import decimal
import unittest
import uuid

from cassandra.cqlengine.query import BatchQuery
from cassandra.query import BatchStatement, BatchType
from cassandra.util import uuid_from_time
from django.db import connections

from reading.models import (Bookmark, ChapterPerformance, ReadingProgress, StudentActivity, StudentSession,
                            UserActivity)


def session():
    return connections["default"].connection.session


def setUpModule():
    # The types of the test's keyspace were made after the driver connected.
    Bookmark.register_for_keyspace(connections["default"].connection.keyspace)


class ReadingTest(unittest.TestCase):
    def test_activities_come_latest_first(self):
        user, day = uuid.uuid4(), datetime.date(2024, 5, 1)
        times = [datetime.datetime(2024, 5, 1, hour) for hour in (9, 12, 10)]
        for at in times:
            UserActivity.objects.create(user_id=user, day=day, at=at, activity="read", details={"hour": str(at.hour)},
                                        ip_address="127.0.0.1")
        found = list(UserActivity.objects.filter(user_id=user, day=day))
        self.assertEqual([row.at for row in found], sorted(times, reverse=True))
        self.assertEqual(found[0].details, {"hour": "12"})
        earliest = UserActivity.objects.filter(user_id=user, day=day).order_by("at").limit(1)
        self.assertEqual([row.at.hour for row in earliest], [9])
        since = UserActivity.objects.filter(user_id=user, day=day, at__gte=times[2])
        self.assertEqual(since.count(), 2)

    def test_progress_holds_nested_collections(self):
        user, book = uuid.uuid4(), uuid.uuid4()
        ReadingProgress.objects.create(
            user_id=user, book_id=book, percent=12.5, finished_chapters={1, 2}, minutes_a_chapter={1: 30, 2: 45},
            answers={1: {"who?": True, "why?": False}, 2: {}}, pages=[[1, 2], [10]],
            bookmarks=[Bookmark(page=7, note="whale"), Bookmark(page=99)], last_place=Bookmark(page=12, note="here"))
        read = ReadingProgress.objects.get(user_id=user, book_id=book)
        self.assertEqual((read.percent, set(read.finished_chapters), dict(read.minutes_a_chapter)),
                         (12.5, {1, 2}, {1: 30, 2: 45}))
        self.assertEqual(dict(read.answers[1]), {"who?": True, "why?": False})
        self.assertEqual([list(pages) for pages in read.pages], [[1, 2], [10]])
        self.assertEqual([(mark.page, mark.note) for mark in read.bookmarks], [(7, "whale"), (99, None)])
        self.assertEqual(read.last_place.note, "here")
        place = ReadingProgress.objects.filter(user_id=user, book_id=book)
        place.update(finished_chapters__add={3}, minutes_a_chapter__update={3: 5}, pages__append=[[20]], percent=20.0)
        read = place.get()
        self.assertEqual((set(read.finished_chapters), read.minutes_a_chapter[3], read.pages[-1], read.percent),
                         ({1, 2, 3}, 5, [20], 20.0))
        read.delete()
        self.assertEqual(ReadingProgress.objects.filter(user_id=user, book_id=book).count(), 0)

    def test_a_batch_writes_all_and_an_index_finds(self):
        student = uuid.uuid4()
        begin = datetime.datetime(2024, 5, 1)
        with BatchQuery() as batch:
            for i in range(10):
                StudentActivity.batch(batch).create(
                    class_id="7b", event_id=uuid_from_time(begin + datetime.timedelta(minutes=i)),
                    student_id=student if i % 2 else uuid.uuid4(), kind="quiz", score=decimal.Decimal(i) / 4)
        self.assertEqual(StudentActivity.objects.filter(class_id="7b").count(), 10)
        mine = list(StudentActivity.objects.filter(student_id=student))
        self.assertEqual(sorted(row.score for row in mine), [decimal.Decimal(i) / 4 for i in (1, 3, 5, 7, 9)])

    def test_chapters_are_in_order_of_score(self):
        book = uuid.uuid4()
        for score in (0.5, 0.9, 0.7):
            ChapterPerformance.objects.create(book_id=book, chapter=1, score=score, student_id=uuid.uuid4(), attempts=2,
                                              taken=datetime.time(0, 12, 30))
        best = ChapterPerformance.objects.filter(book_id=book, chapter=1)
        self.assertEqual([row.score for row in best], [0.9, 0.7, 0.5])
        rows = connections["default"].cursor().execute(
            "SELECT chapter, max(score) AS best FROM chapter_performance WHERE book_id = %s GROUP BY chapter", [book])
        self.assertEqual([(row["chapter"], row["best"]) for row in rows], [(1, 0.9)])

    def test_prepared_statements_and_their_batch(self):
        students = [uuid.uuid4() for _ in range(20)]
        insert = session().prepare("INSERT INTO student_session (session_id, student_id, pages_read) VALUES (?, ?, ?)")
        batch = BatchStatement(BatchType.UNLOGGED)
        for pages, student in enumerate(students):
            batch.add(insert, (student, student, pages))
        session().execute(batch)
        select = session().prepare("SELECT pages_read FROM student_session WHERE session_id = ?")
        futures = [session().execute_async(select, (student,)) for student in students]
        self.assertEqual([future.result().one()["pages_read"] for future in futures], list(range(20)))
        self.assertEqual(StudentSession.objects.filter(session_id__in=students).count(), 20)

    def test_sessions_expire_and_change_on_a_condition(self):
        student = StudentSession.objects.if_not_exists().create(student_id=uuid.uuid4(), pages_read=1)
        row = session().execute("SELECT ttl(pages_read) FROM student_session WHERE session_id = %s",
                                (student.session_id,)).one()
        self.assertTrue(0 < row["ttl(pages_read)"] <= 86400)
        StudentSession.objects(session_id=student.session_id).iff(pages_read=1).update(pages_read=2, is_open=False)
        changed = StudentSession.objects.get(session_id=student.session_id)
        self.assertEqual((changed.pages_read, changed.is_open), (2, False))
