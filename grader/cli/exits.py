"""What the command line ends with; where several apply, the highest."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    BELOW = 1  # below the pass mark, or not as it should be
    USAGE = 2  # usage or bad input
    OURS = 3  # our own failure
    INTERRUPTED = 130  # 128 + SIGINT, as shells have it
