"""Look-up in the controlled vocabularies under ``schemas/vocabularies`` (one JSON file each, with source and date)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Vocabulary:
    """One code list: ``codes`` in the order of the file, each with its labels, URI and aliases."""

    name: str
    title: dict[str, str]
    scheme: str
    source: str
    date: str
    entries: dict[str, dict[str, Any]]
    head: dict[str, Any]

    @property
    def codes(self) -> list[str]:
        """All codes in the order of the list."""
        return list(self.entries)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and code in self.entries

    def label(self, code: str, lang: str = "sl") -> str:
        """The label of a code in ``sl`` or ``en``; the code itself when it is not in the list."""
        entry = self.entries.get(code)
        if entry is None:
            return code
        return str(entry.get(lang) or entry.get("en") or code)

    def uri(self, code: str) -> str | None:
        """The IRI of a code, or None when the code is not in the list."""
        entry = self.entries.get(code)
        return None if entry is None else str(entry["uri"])

    def extra(self, code: str) -> dict[str, Any]:
        """Everything the list says of a code (for example ``iana_media_type``); empty when unknown."""
        return self.entries.get(code, {})

    def code_of(self, value: object) -> str | None:
        """The code that a code, IRI or alias stands for.

        Args:
            value: ``CSV``, ``csv``, ``http(s)://…/file-type/CSV``, an old ADMS IRI, a media type, …

        Returns:
            The code, or None when the list does not know the value.
        """
        if not isinstance(value, str) or not value.strip():
            return None
        return self._aliases.get(_key(value))

    @cached_property
    def _aliases(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for code, entry in self.entries.items():
            for alias in entry.get("aliases", ()):
                found.setdefault(_key(alias), code)
            media_type = entry.get("iana_media_type")
            if media_type:
                found.setdefault(_key(media_type), code)
                found.setdefault(_key(str(media_type).split("/media-types/")[-1]), code)
        # A code and its own IRI win over the aliases of others.
        for code, entry in self.entries.items():
            found[_key(code)] = code
            found[_key(entry["uri"])] = code
        return found


def _key(value: str) -> str:
    """Fold what does not distinguish two spellings of one IRI or code: case, http/https, a closing slash."""
    return value.strip().casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


_own: list[Path] = []


def use_folder(folder: Path) -> None:
    """Let the lists in a folder stand in for those that come with the product (a newer version, an added list).

    To be called before the first description is judged: what was compiled from a list keeps the old one.
    """
    _own[:] = [folder]
    vocabulary.cache_clear()
    vocabularies.cache_clear()


def _resource(name: str) -> Any:
    for folder in _own:
        if (folder / f"{name}.json").is_file():
            return folder / f"{name}.json"
    return files("schemas") / "vocabularies" / f"{name}.json"


@cache
def vocabulary(name: str) -> Vocabulary:
    """Read one vocabulary.

    Raises:
        KeyError: there is no list of that name.
    """
    resource = _resource(name)
    if not resource.is_file():
        raise KeyError(f"there is no vocabulary {name!r}")
    data = json.loads(resource.read_text(encoding="utf-8"))
    entries = {entry["code"]: entry for entry in data.pop("codes")}
    return Vocabulary(
        name=data["name"],
        title=data["title"],
        scheme=data["scheme"],
        source=data["source"],
        date=data["date"],
        entries=entries,
        head=data,
    )


@lru_cache(maxsize=1)
def vocabularies() -> tuple[str, ...]:
    """The names of all vocabularies, sorted."""
    folders = [files("schemas") / "vocabularies", *(folder for folder in _own if folder.is_dir())]
    found = {item.name for folder in folders for item in folder.iterdir()}
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))
