"""All measurements, one after another."""

import asyncio

from benchmarks import flush

asyncio.run(flush.main())
