"""Bad days of a newcomer: each is one sentence with its remedy, never a traceback."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest
from stack import jars, python
from stack.errors import StackError
from stack.state import ROOT

pytestmark = pytest.mark.unit


@pytest.fixture
def plain(monkeypatch):
    """An environment without our own variables."""
    for name in ("KRANJ_VENV", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def launch(path, *arguments):
    return subprocess.run(
        [ROOT / "deployment" / "run", *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def tools(folder, *names):
    for name in names:
        (folder / name).symlink_to(shutil.which(name))


def test_no_python_that_is_new_enough(tmp_path):
    tools(tmp_path, "sh", "dirname")
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    done = launch(tmp_path)
    assert done.returncode == 1
    assert "No Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr


def test_the_first_python_that_is_new_enough_is_taken(tmp_path):
    tools(tmp_path, "sh", "dirname")
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "python3").chmod(0o755)
    (tmp_path / "python3.12").symlink_to(sys.executable)
    done = launch(tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert "run --detach" in done.stdout


def test_no_venv_module(plain):
    real = importlib.util.find_spec
    plain.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name))
    with pytest.raises(StackError, match="no 'venv' module") as refused:
        python.check_machine()
    assert f"python3.{sys.version_info.minor}-venv" in refused.value.remedy


def test_no_libmagic(plain):
    plain.setattr(ctypes.util, "find_library", lambda _: None)
    plain.setattr(python, "_loads", lambda _: False)
    with pytest.raises(StackError, match="libmagic") as refused:
        python.check_machine()
    assert "apt install libmagic1" in refused.value.remedy


def test_a_disk_nearly_full(plain, tmp_path):
    usage = namedtuple("usage", "total used free")
    plain.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 100 * 2**20))
    with pytest.raises(StackError, match="100 MB free and 1500 MB are needed"):
        python.check_space(tmp_path / "not" / "there", 1500)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_file_named_once_counts_for_everybody(plain, tmp_path, name):
    file = tmp_path / "city.pem"
    file.touch()
    plain.setenv(name, str(file))
    python.trust_certificates()
    assert os.environ["SSL_CERT_FILE"] == os.environ["REQUESTS_CA_BUNDLE"] == str(file)
    plain.delenv("SSL_CERT_FILE")
    plain.delenv("REQUESTS_CA_BUNDLE")


def test_a_certificate_file_that_is_not_there(plain):
    plain.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    with pytest.raises(StackError, match="cannot be read"):
        python.trust_certificates()


@pytest.mark.parametrize(
    ("output", "sentence", "remedy"),
    [
        ("ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "not trusted", "SSL_CERT_FILE"),
        ("OSError: [Errno 28] No space left on device", "disk is full", "Free some space"),
        ("[Errno -3] Temporary failure in name resolution", "cannot be reached", "Check the network"),
        ("urllib3.exceptions.IncompleteRead(1 bytes read)", "cut off", "continues where it was"),
        ("ERROR: Could not find a version: ckan==2.12.0 (from versions: none)", "does not answer", "pip config list"),
        ("ERROR: No matching distribution found for ckan", "lacks a package", "Python 3.11"),
        ("PermissionError: [Errno 13] Permission denied: 'x'", "may not be written", "owns the folder"),
        ("ERROR: something new", "ERROR: something new", "run the command again"),
        ("", "no message", "run the command again"),
    ],
)
def test_what_an_installer_says_becomes_a_sentence(output, sentence, remedy):
    error = python.explain(f"Collecting ckan\n{output}" if output else "", "It failed")
    assert sentence in error.problem
    assert remedy in error.remedy


def test_a_jar_that_was_cut_off_is_seen_and_forgotten(tmp_path):
    where = python.Software(tmp_path)
    where.jars.mkdir(parents=True)
    name = jars.CHECKSUMS.read_text(encoding="utf-8").split()[1]
    (where.jars / name).write_bytes(b"PK half a jar")
    (where.jars / "stranger.jar").write_bytes(b"")
    assert {name, "stranger.jar"} <= set(jars.differences(where.jars))
    jars._forget(where, [name, "stranger.jar"])
    assert list(where.jars.iterdir()) == []


def test_an_installation_is_stamped_by_its_lock_file(tmp_path):
    where = python.Software(tmp_path)
    (tmp_path / "bin").mkdir()
    where.python.touch()
    lock = tmp_path / "lock"
    lock.write_text("a==1\n", encoding="utf-8")
    python._set_stamp(where, "base", python._stamp(lock))
    assert python._is_stamped(where, "base", python._stamp(lock))
    lock.write_text("a==2\n", encoding="utf-8")
    assert not python._is_stamped(where, "base", python._stamp(lock))


class TestCommands:
    def test_status_of_nothing(self, command, tmp_path):
        done = command("run", "status", KRANJ_STATE=tmp_path / "none")
        assert (done.returncode, done.stderr) == (3, "")
        assert "./deployment/run" in done.stdout
        assert not (tmp_path / "none").exists()

    def test_stop_of_nothing(self, command, tmp_path):
        assert command("run", "stop", KRANJ_STATE=tmp_path / "none").returncode == 0

    def test_ckan_before_the_first_start(self, command, tmp_path):
        done = command("run", "ckan", "user", "list", KRANJ_STATE=tmp_path / "none")
        assert done.returncode == 1
        assert "Start it first" in done.stderr
        assert "Traceback" not in done.stderr

    def test_reset_asks_first_and_spares_other_folders(self, command, tmp_path, state):
        done = command("run", "reset", KRANJ_STATE=state.folder)
        assert done.returncode == 1
        assert "--yes" in done.stderr
        assert state.file.exists()
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "a.jpg").touch()
        assert command("run", "reset", "--yes", KRANJ_STATE=tmp_path / "photos").returncode == 1
        assert (tmp_path / "photos" / "a.jpg").exists()
        assert command("run", "reset", "--yes", KRANJ_STATE=state.folder).returncode == 0
        assert not state.folder.exists()

    def test_reset_of_an_older_folder_works(self, command, state):
        state.file.write_text('{"layout": 0}', encoding="utf-8")
        done = command("run", "--detach", KRANJ_STATE=state.folder)
        assert "another version" in done.stderr
        assert "Traceback" not in done.stderr
        assert command("run", "reset", "--yes", KRANJ_STATE=state.folder).returncode == 0
        assert not state.folder.exists()

    def test_the_tests_servers_are_not_taken_for_the_portals(self, command, tmp_path):
        url = "postgresql://kranj:x@/kranj_test_main?host=/tmp"
        done = command("run", "--detach", KRANJ_STATE=tmp_path / "s", CKAN_SQLALCHEMY_URL=url)
        assert done.returncode == 1
        assert "unset CKAN_SQLALCHEMY_URL" in done.stderr
