"""Nobody is left behind, and nobody else is touched."""

import configparser
import os
import subprocess
import sys
import time

import pytest
from stack.processes import end_leftovers, marked, processes
from stack.python import Software
from stack.state import State
from stack.supervise import Program, Supervisor

pytestmark = pytest.mark.unit

PARENT = "import subprocess, sys, time; subprocess.Popen(['sleep', '61']); print('up', flush=True); time.sleep(61)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(61)"


def start(script, environment):
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout.readline() == "up\n"
    return process


def test_leftovers_and_their_children_are_found_and_ended(state, tmp_path):
    other = State(tmp_path / "other")
    other.open()
    ours, theirs = start(PARENT, marked(state)), start(PARENT, marked(other))
    try:
        deadline = time.monotonic() + 5
        while len(processes(state)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ours.pid in processes(state)
        assert len(processes(state)) == 2
        assert end_leftovers(state) == 2
        assert processes(state) == []
        assert theirs.poll() is None
        assert len(processes(other)) == 2
    finally:
        end_leftovers(other)
        for process in (ours, theirs):
            process.communicate()


def test_a_process_that_will_not_end_is_killed(state):
    process = start(STUBBORN, marked(state))
    end_leftovers(state, grace=0.3)
    process.communicate()
    assert process.returncode == -9


def test_this_process_is_never_a_leftover(state, monkeypatch):
    monkeypatch.setenv("KRANJ_STATE_MARK", str(state.folder))
    assert os.getpid() not in processes(state)
    assert os.getppid() not in processes(state)


def test_odd_paths_survive_the_program_file(state, tmp_path):
    supervisor = Supervisor(state, Software(tmp_path))
    folder = tmp_path / "50% čez"
    supervisor.configure([Program("web", ["/a b/python", "-c", "print('%')"], folder=folder)])
    parsed = configparser.ConfigParser()
    parsed.read(state.folder / "supervisor.conf", encoding="utf-8")
    assert parsed["program:web"]["command"] == "'/a b/python' -c 'print('\"'\"'%'\"'\"')'"
    assert parsed["program:web"]["directory"] == str(folder)
    assert (state.folder / "supervisor.conf").stat().st_mode & 0o077 == 0


def test_no_supervisor_is_no_error(state, tmp_path):
    supervisor = Supervisor(state, Software(tmp_path))
    assert not supervisor.running()
    assert supervisor.programs() == []
    supervisor.stop()
