"""A thread that hears what other processes did, and tells it to the board of this one."""

import logging
import threading
from types import TracebackType

from grader.errors import StorageUnavailable
from grader.queue.board import Board
from grader.storage.database import Database
from grader.storage.news import News, RunChanged, listen

log = logging.getLogger(__name__)

_LOOK_UP_SECONDS = 1.0  # from the end of the service to the end of the thread
_PAUSE_SECONDS = 1.0  # before trying again to listen


class Listener:
    """Listens while it is entered, where the database can tell; what it misses is polled for."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def __enter__(self) -> "Listener":
        """Begin to listen."""
        if self._database.is_shared:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Cease to listen."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except StorageUnavailable as error:
                log.error("other processes are not heard", exc_info=error)
                self._stopping.wait(_PAUSE_SECONDS)
            except Exception:  # the outermost loop of a thread
                log.critical("other processes are not heard: an error of ours", exc_info=True)
                self._stopping.wait(_PAUSE_SECONDS)

    def _listen(self) -> None:
        heard = listen(self._database, _LOOK_UP_SECONDS)
        next(heard)
        self._board.missed_news()
        for news in heard:
            if self._stopping.is_set():
                return
            if news is not None:
                self._tell(news)

    def _tell(self, news: News) -> None:
        if isinstance(news, RunChanged):
            self._board.changed(news.run_id)
        else:
            self._board.queued()
