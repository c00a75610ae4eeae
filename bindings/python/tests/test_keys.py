"""Keys: made once, for their owner alone."""

import stat

import pytest

import motet


def test_keys_are_made_and_never_overwritten(tmp_path):
    secret = tmp_path / "node.key"
    motet.create_keys(secret)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len((tmp_path / "node.key.pub").read_text().strip()) == 64
    with pytest.raises(motet.Error, match="node.key") as refused:
        motet.create_keys(secret)
    assert refused.value.code is motet.Code.NAME_TAKEN
