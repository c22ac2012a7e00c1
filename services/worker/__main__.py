"""The worker process: `python -m services.worker`. Takes tenants from the queue and sends their webhooks."""

import signal
import threading
from contextlib import AsyncExitStack
from typing import Any, Final
from uuid import UUID

import dramatiq
import structlog
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread
from dramatiq.middleware import AsyncIO

from adapters.broker import QUEUE
from adapters.broker.queue import ACTOR, DueWork
from bizcore.settings import Settings
from services.worker.actors import Delivery
from services.worker.parts import open_delivery, read_settings

THREADS: Final = 16  # tenants served at once: a thread waits while its tenant's deliveries are on their way
STOP_WITHIN_MS: Final = 3_000  # what is still being sent then is sent again by the next worker, under the same id

_log = structlog.get_logger(__name__)


class DeliveryLoop(AsyncIO):
    """Opens what sending needs in the worker's event loop before the first message, and closes it after the last."""

    def __init__(self, settings: Settings, due_work: DueWork) -> None:
        super().__init__()
        self._settings = settings
        self._due_work = due_work
        self._stack = AsyncExitStack()
        self.delivery: Delivery | None = None

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        super().before_worker_boot(broker, worker)  # type: ignore[no-untyped-call]
        opening = self._stack.enter_async_context(open_delivery(self._settings, self._due_work))
        self.delivery = _loop().run_coroutine(opening)

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        _loop().run_coroutine(self._stack.aclose())
        super().after_worker_shutdown(broker, worker)  # type: ignore[no-untyped-call]


def main() -> None:
    settings = read_settings()
    due_work = DueWork(settings.redis_url)
    loop = DeliveryLoop(settings, due_work)
    due_work.broker.add_middleware(loop)

    async def deliver(organization_id: str) -> None:
        assert loop.delivery is not None
        await loop.delivery.run(UUID(organization_id))

    # Not retried by the broker: what failed is still due in PostgreSQL, and the sweep announces it again.
    dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=due_work.broker)(deliver)

    stopping = threading.Event()

    def stop(*_: Any) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker = dramatiq.Worker(due_work.broker, worker_threads=THREADS)
    worker.start()
    _log.info("worker.ready")
    stopping.wait()
    worker.stop(timeout=STOP_WITHIN_MS)
    due_work.close()
    _log.info("worker.stopped")


def _loop() -> EventLoopThread:
    loop = get_event_loop_thread()
    assert loop is not None, "the AsyncIO middleware has started it"
    return loop


if __name__ == "__main__":
    main()
