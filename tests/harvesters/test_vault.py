"""What sources answered is kept for a while, privately, once."""

import pytest

from harvesters import Fetched
from harvesters.vault import Vault

pytestmark = pytest.mark.unit

DAY = 86_400


def answer(body):
    return Fetched("https://vir.example/", body, "text/plain", None)


def test_bodies_are_kept_once_privately_and_expire(tmp_path):
    now = [100 * DAY]
    vault = Vault(tmp_path / "raw", 30, clock=lambda: now[0])
    first = answer(b"podatki")
    vault.keep(first)
    vault.keep(answer(b"podatki"))
    vault.keep(answer(b"drugi"))
    assert vault.read(first.sha256) == b"podatki"
    assert len(list(vault.folder.iterdir())) == 2
    assert vault.folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in vault.folder.iterdir())
    now[0] += 20 * DAY
    vault.keep(first)
    now[0] += 15 * DAY
    assert vault.expire() == 1
    assert vault.read(first.sha256) == b"podatki"
    now[0] += 31 * DAY
    assert vault.expire() == 1
    assert vault.read(first.sha256) is None


def test_a_folder_that_cannot_be_written_costs_the_copy_only(tmp_path):
    (tmp_path / "raw").write_text("a file", encoding="utf-8")
    vault = Vault(tmp_path / "raw", 30)
    vault.keep(answer(b"x"))
    assert vault.read(answer(b"x").sha256) is None
    assert vault.expire() == 0
