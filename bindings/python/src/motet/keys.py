"""Keys: what a node proves who it is with, when remote.curve.enabled is on.

Knows the C interface's keys. Must never know how they are used: docs/security.md says that.
"""

from __future__ import annotations

import os

from motet import _native


def create_keys(secret_file: str | os.PathLike[str]) -> None:
    """Makes a pair of keys: the secret one in a new file that only its owner may read, the public one in a new file beside
    it, with ".pub" behind the name. Nothing is ever overwritten: motet.Error with Code.NAME_TAKEN."""
    _native.keys_create(os.fspath(secret_file))
