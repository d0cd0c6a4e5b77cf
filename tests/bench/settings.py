"""The portal's own settings, with an empty answer to compare with and a count of queries on demand."""

from heygen_portal.settings import *  # noqa: F403
from heygen_portal.settings import MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.urls.CountQueries", *MIDDLEWARE]
