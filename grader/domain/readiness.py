"""Whether a part of the service is ready."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What a check found: whether it keeps us from serving, and what there is to say."""

    ready: bool = True
    says: str = "ok"
