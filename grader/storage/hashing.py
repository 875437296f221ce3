"""How a secret is kept: as its hash only, which finds it again and gives it to nobody."""

import hashlib


def hashed(secret: str) -> str:
    """Return the hash under which a secret is kept."""
    # Our secrets hold 256 random bits: no slow hash is needed where nothing can be guessed.
    return hashlib.sha256(secret.encode()).hexdigest()
