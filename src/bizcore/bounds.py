"""How much one request may carry. One table: refusals quote it and tests walk along it."""

from datetime import date
from typing import Final

MAX_BODY_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 32
MAX_LINES: Final = 1_000
MAX_TEXT: Final = 1_000
MAX_REFERENCE: Final = 100  # an id or a natural code
MAX_ATTRIBUTES: Final = 50
MAX_PAGE: Final = 200
MAX_UPLOAD_BYTES: Final = 25_000_000
MAX_KEY_LENGTH: Final = 255
MAX_QUERY_BYTES: Final = 16_000
# Business days: far enough both ways, and short of the dates that PostgreSQL's drivers take for infinity.
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)
