"""The state folder: remembers, guards its secrets, and says in one sentence what stands in the way."""

import errno
import json
import os
import signal
import socket
import stat
import subprocess
import sys

import pytest
from stack import state as state_module
from stack.errors import StackError
from stack.state import LAYOUT, SOCKET_PATH_MAX, State, port_is_free, write_private

pytestmark = pytest.mark.unit


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_remembered_different_and_private(state):
    first, second = state.secret("one"), state.secret("two")
    again = State(state.folder)
    again.open()
    assert again.secret("one") == first != second
    assert len(first) == 40
    assert first.isalnum()
    assert mode(state.file) == 0o600
    assert mode(state.folder) & 0o066 == 0


def test_a_port_is_remembered_and_changed_when_somebody_took_it(state):
    port = state.port("solr")
    assert state.port("solr") == port
    with socket.create_server(("127.0.0.1", port)):
        assert not port_is_free(port)
        assert state.port("solr", in_use_by_us=True) == port
        assert state.port("solr") != port


def test_two_servers_never_share_a_port(state):
    assert len({state.port(name) for name in "abcdefgh"}) == 8


def test_an_older_folder_is_refused_with_a_remedy_and_left_alone(state):
    state.file.write_text(json.dumps({"layout": LAYOUT - 1, "kept": True}), encoding="utf-8")
    with pytest.raises(StackError, match="another version") as refused:
        State(state.folder).open()
    assert "reset" in refused.value.remedy
    assert json.loads(state.file.read_text(encoding="utf-8"))["kept"]


def test_a_damaged_file_is_refused_with_a_remedy(state):
    state.file.write_text("{", encoding="utf-8")
    with pytest.raises(StackError, match="damaged"):
        State(state.folder).open()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot be written"):
        State(tmp_path / "file" / "state").open()


def test_a_full_disk_keeps_what_was_there(state, monkeypatch):
    secret = state.secret("one")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(state_module.os, "fsync", full)
    with pytest.raises(StackError, match="is full"):
        write_private(state.file, "half")
    monkeypatch.undo()
    again = State(state.folder)
    again.open()
    assert again.secret("one") == secret


def test_a_lock_ends_with_the_process_that_held_it(state):
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from stack.state import State\n"
        "with State(Path(sys.argv[2])).locked():\n print('held', flush=True); time.sleep(60)"
    )
    package = state_module.ROOT / "deployment"
    with subprocess.Popen(
        [sys.executable, "-c", script, package, state.folder], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError), state.locked(wait=False):
            pass
        holder.send_signal(signal.SIGKILL)
    with state.locked(wait=False):
        pass


@pytest.mark.parametrize("name", ["short", "x" * 120, "with space", "čebelica", "a%20b"])
def test_sockets_fit_the_kernel_and_need_no_quoting(tmp_path, name):
    state = State(tmp_path / name)
    state.open()
    folder = state.socket_folder("pg", os.geteuid())
    assert len(str(folder)) <= SOCKET_PATH_MAX
    assert state_module.PLAIN_PATH.fullmatch(str(folder))
    assert mode(folder) == 0o700
    assert folder == state.socket_folder("pg", os.geteuid())
    assert folder in state.elsewhere() or folder.is_relative_to(state.folder)
    folder.rmdir()


def test_a_foreign_folder_in_the_place_of_a_socket_is_refused(tmp_path):
    state = State(tmp_path / ("x" * 120))
    state.open()
    place = state.elsewhere()[0]
    place.symlink_to(tmp_path)
    try:
        with pytest.raises(StackError, match="belongs to another account"):
            state.socket_folder("pg", os.geteuid())
    finally:
        place.unlink()
