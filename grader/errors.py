"""Our own failures. A student's failure is never one of these: it is a `Verdict`.

GraderError
├── UsageError            the caller asked for something impossible; the message says what to do
│   ├── UploadRefused     an upload breaks a rule of intake
│   │   └── TooOften      the attempts, or the uploads for now, are used up
│   ├── NotSignedIn       no token, or one that is not known
│   ├── NotAllowed        known, but not for this
│   ├── Conflict          possible, but not as things stand
│   └── NotFound          no such assignment, submission or path
├── Overloaded            more is asked at once than this process takes on; it can be asked again
├── AssignmentError       an assignment folder or its toml is wrong
├── SuiteFailure          a suite raised, or judged an answer without `check`
├── SandboxFailure        a zygote, judge or host was lost; the run may be tried again
├── SandboxUnavailable    a layer that must hold is missing on this machine
└── StorageUnavailable    the database cannot be reached, read or written
    └── StorageRefusal    it does not take what it was given, however often
"""


class GraderError(Exception):
    """Something of ours went wrong; no score follows from it."""


class UsageError(GraderError):
    """What was asked for cannot be done as asked."""


class UploadRefused(UsageError):
    """An upload breaks a rule of intake; nothing of it is stored.

    `reason` is a stable word for programs: `missing_file`, `unknown_file`, `too_large`,
    `duplicate_file`, `unsafe_path`, `not_a_zip`, `too_many_entries`, `zip_bomb`, `empty_file`,
    `nothing_to_grade`, `late`, `not_open`, `key_reused`, `no_such_attempt`, `not_a_roster`; of
    `TooOften` `attempt_limit`, `rate_limit`, `too_many_waiting`, `too_many_uploads`,
    `too_many_streams`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TooOften(UploadRefused):
    """A limit in time is used up; `retry_after` is in seconds."""

    def __init__(self, reason: str, message: str, retry_after: int) -> None:
        super().__init__(reason, message)
        self.retry_after = retry_after


class NotSignedIn(UsageError):
    """Who asks is not known."""


class NotAllowed(UsageError):
    """Who asks is known and may not do this."""


class Conflict(UsageError):
    """What was asked for is possible, but not as things stand."""


class NotFound(UsageError):
    """No such thing, or not yours: both answer alike."""


class Overloaded(GraderError):
    """More is asked at once than this process takes on; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AssignmentError(GraderError):
    """An assignment folder is not as `assignment.toml` and the suite must be."""


class SuiteFailure(GraderError):
    """The suite itself failed; the run has no score."""


class SandboxFailure(GraderError):
    """A process of ours was lost in the middle of a run; the run may be tried again."""


class SandboxUnavailable(GraderError):
    """This machine lacks a layer without which nothing is graded."""


class StorageUnavailable(GraderError):
    """The database cannot be reached, read or written; nothing was half-stored."""


class StorageRefusal(StorageUnavailable):
    """The database does not take what it was given: to try again as it is may be of no use."""
