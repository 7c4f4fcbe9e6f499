"""Solr's jars: resolved by jgo without Maven, each one checked against a SHA-256 we have recorded."""

import contextlib
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from .errors import StackError
from .progress import step
from .python import Software, explain
from .state import ROOT

SPECIFICATION = ROOT / "deployment" / "solr" / "jgo.toml"
CHECKSUMS = ROOT / "deployment" / "solr" / "jars.sha256"


def install(software: Software) -> None:
    """Fetch the jars unless they are there; a jar that was cut off is fetched again.

    Raises:
        StackError: the repository cannot be reached, or sends other jars than recorded.
    """
    stamp = software.venv / "solr" / "kranj.stamp"
    wanted = hashlib.sha256(CHECKSUMS.read_bytes() + SPECIFICATION.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    with step("Solr (jars from the Maven repository)"):
        output = ""
        for _ in range(2):
            output = _sync(software)
            wrong = differences(software.jars)
            if not wrong:
                stamp.write_text(wanted, encoding="utf-8")
                shutil.rmtree(_cache(software), ignore_errors=True)
                return
            _forget(software, wrong)
        if output:
            raise explain(output, "Solr could not be fetched")
        raise StackError(
            f"The Maven repository sent other files than recorded: {', '.join(wrong[:3])}.",
            "Check which repository jgo is configured to use, then run the command again.",
        )


def differences(folder: Path) -> list[str]:
    """Names of jars that are missing, unknown or not what was recorded."""
    wanted = {}
    for line in CHECKSUMS.read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        wanted[name] = digest
    found = {file.name: file for file in folder.glob("*.jar")}
    wrong = sorted(wanted.keys() ^ found.keys())
    for name in wanted.keys() & found.keys():
        with found[name].open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != wanted[name]:
                wrong.append(name)
    return wrong


def _cache(software: Software) -> Path:
    return software.venv / "solr" / "downloads"


def _sync(software: Software) -> str:
    """Run jgo; returns what it said when it failed, else nothing."""
    software.jars.parent.mkdir(exist_ok=True)
    shutil.copy(SPECIFICATION, software.venv / "jgo.toml")
    command = [str(software.python), "-m", "jgo", "--class-path-only", "--links", "copy"]
    command += ["--repo-cache", str(_cache(software)), "sync", "--force"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(software.venv / "solr" / "cache")}
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=software.venv,
        env=environment,
        check=False,
    )
    return done.stdout + f"\njgo ended with status {done.returncode}" if done.returncode else ""


def _forget(software: Software, wrong: list[str]) -> None:
    """Remove what a cut download may have left: the wrong jars and every descriptor."""
    for name in wrong:
        (software.jars / name).unlink(missing_ok=True)
        for file in _cache(software).rglob(name):
            file.unlink()
    for pattern in ("*.pom", "*.xml", "*.sha1"):
        for file in _cache(software).rglob(pattern):
            with contextlib.suppress(OSError):
                file.unlink()
    (software.venv / "solr" / "jgo.lock.toml").unlink(missing_ok=True)
