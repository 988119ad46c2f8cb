"""Keys of the server's own: always the same one for a purpose, and readable by nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deckcast.kit.settings import Settings
from deckcast.kit.signing import derived_key


def test_each_purpose_has_a_key_that_stays(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: derived_key(settings, "one"), range(32)))
    assert len(keys) == 1
    assert derived_key(settings, "two") not in keys
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_key_of_the_settings_needs_no_file(tmp_path: Path) -> None:
    mine, same, other = (
        derived_key(Settings(data_dir=tmp_path / name, secret_key=key), "one")
        for name, key in (("a", "k1"), ("b", "k1"), ("c", "k2"))
    )
    assert mine == same != other
    assert len(mine) == 32
    assert list(tmp_path.iterdir()) == []
