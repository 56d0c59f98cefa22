"""Each model is the table of one question."""

import datetime
import uuid

from cassandra.cqlengine import columns
from cassandra.cqlengine.usertype import UserType
from django_cassandra_engine.models import DjangoCassandraModel


class UserActivity(DjangoCassandraModel):
    """What did a user do on a day, the latest first?"""

    user_id = columns.UUID(partition_key=True, default=uuid.uuid4)
    day = columns.Date(partition_key=True)
    at = columns.DateTime(primary_key=True, clustering_order="DESC", default=datetime.datetime.utcnow)
    activity = columns.Text(required=True)
    details = columns.Map(columns.Text, columns.Text)
    ip_address = columns.Inet()

    class Meta:
        get_pk_field = "user_id"


class Bookmark(UserType):
    page = columns.Integer()
    note = columns.Text()


class ReadingProgress(DjangoCassandraModel):
    """How far has a user read a book?"""

    user_id = columns.UUID(primary_key=True)
    book_id = columns.UUID(primary_key=True)
    percent = columns.Float(default=0.0)
    finished_chapters = columns.Set(columns.Integer)
    minutes_a_chapter = columns.Map(columns.Integer, columns.Integer)
    # Nested: the questions of each chapter and their answers, and bookmarks of a type of their own.
    answers = columns.Map(columns.Integer, columns.Map(columns.Text, columns.Boolean))
    pages = columns.List(columns.List(columns.Integer))
    bookmarks = columns.List(columns.UserDefinedType(Bookmark))
    last_place = columns.UserDefinedType(Bookmark)

    class Meta:
        get_pk_field = "user_id"


class StudentActivity(DjangoCassandraModel):
    """What did the students of a class do, in the order of time?"""

    class_id = columns.Text(primary_key=True)
    event_id = columns.TimeUUID(primary_key=True)
    student_id = columns.UUID(index=True)
    kind = columns.Text()
    score = columns.Decimal()

    class Meta:
        get_pk_field = "class_id"


class ChapterPerformance(DjangoCassandraModel):
    """How did a chapter go, the best first?"""

    book_id = columns.UUID(primary_key=True)
    chapter = columns.Integer(primary_key=True)
    score = columns.Double(primary_key=True, clustering_order="DESC")
    student_id = columns.UUID(primary_key=True)
    attempts = columns.SmallInt()
    taken = columns.Time()

    class Meta:
        get_pk_field = "book_id"


class StudentSession(DjangoCassandraModel):
    """A session ends by itself."""

    session_id = columns.UUID(primary_key=True, default=uuid.uuid4)
    student_id = columns.UUID()
    started = columns.DateTime()
    pages_read = columns.Integer(default=0)
    is_open = columns.Boolean(default=True)

    __options__ = {"default_time_to_live": 86400, "gc_grace_seconds": 3600}

    class Meta:
        get_pk_field = "session_id"
