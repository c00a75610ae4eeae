"""Keys: made once, for their owner alone."""

import asyncio
import stat

import pytest
from conftest import LOCAL

import motet


def test_keys_are_made_and_never_overwritten(tmp_path):
    secret = tmp_path / "node.key"
    motet.create_keys(secret)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len((tmp_path / "node.key.pub").read_text().strip()) == 64
    with pytest.raises(motet.Error, match="node.key") as refused:
        motet.create_keys(secret)
    assert refused.value.code is motet.Code.NAME_TAKEN


def test_keys_of_a_running_system_are_reloaded(tmp_path):
    secret, peers = tmp_path / "node.key", tmp_path / "peers"
    motet.create_keys(secret)
    peers.touch(0o644)
    peers.write_text((tmp_path / "node.key.pub").read_text().strip() + " *\n")
    plain = {**LOCAL, "remote.enabled": True}
    keyed = {"remote.curve.enabled": True, "remote.curve.key-file": secret, "remote.curve.peers-file": peers}

    async def main():
        async with motet.System({**plain, **keyed}) as system, motet.System(plain) as without:
            system.reload_keys()
            peers.write_text("nonsense\n")
            with pytest.raises(motet.Error, match=r"remote\.curve\.peers-file.*line 1") as refused:
                system.reload_keys()
            assert refused.value.code is motet.Code.BAD_VALUE
            with pytest.raises(motet.Error, match=r"remote\.curve\.enabled") as refused:
                without.reload_keys()
            assert refused.value.code is motet.Code.BAD_STATE

    asyncio.run(asyncio.wait_for(main(), 120))
