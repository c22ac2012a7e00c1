"""The broker: news that may be lost. What is due stands in PostgreSQL."""

from typing import Final

QUEUE: Final = "delivery"  # here, so that whoever counts it need not load Dramatiq
