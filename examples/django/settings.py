"""Django's settings: Cassandra is the only database."""

import os

SECRET_KEY = "an example's"
USE_TZ = False
INSTALLED_APPS = ["django_cassandra_engine", "reading"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

DATABASES = {
    "default": {
        "ENGINE": "django_cassandra_engine",
        "NAME": "reading",
        "TEST_NAME": "test_reading",
        "HOST": os.environ.get("CASSANDRA_HOST", "127.0.0.1"),
        "OPTIONS": {
            "replication": {"strategy_class": "SimpleStrategy", "replication_factor": 1},
            "connection": {"port": int(os.environ.get("CASSANDRA_PORT", "9042")), "protocol_version": 4},
        },
    }
}
