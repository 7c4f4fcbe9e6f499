"""``ckan kranj vocabulary …``: which stored values are in no list, and what a new version of a list would do."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import click

import ckan.plugins.toolkit as tk

from ckanext.kranj import config
from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.catalogue.licences import use_eu_licences
from ckanext.kranj.catalogue.stored import descriptions

from schemas import vocabulary
from schemas.code_lists import NotAListError, difference, read_list, remapped, used
from schemas.validation import forget_compiled
from schemas.vocabulary import use_folder


def use(settings: MutableMapping[str, Any]) -> None:
    """Read the operator's versions of lists, if there are any, before anything is judged; offer the EU's licences."""
    use_eu_licences(settings)
    folder = config.vocabularies_folder()
    if folder:
        use_folder(Path(folder))


@click.group("vocabulary")
def vocabulary_group() -> None:
    """Code lists: what is in none of them, and new versions."""


@vocabulary_group.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(file: Path | None) -> None:
    """Name every stored value that is in no list, or that the new version in FILE would leave without a successor.

    Exit status 1 when there is one.
    """
    new, changes = _read(file) if file else (None, None)
    if changes:
        click.echo(f"{changes.name}: +{len(changes.added)} -{len(changes.removed)} ~{len(changes.relabelled)}")
    lost = 0
    for dataset in descriptions():
        for item in used(dataset):
            gone = item.code not in vocabulary(item.vocabulary)
            if changes and item.vocabulary == changes.name:
                gone = (item.code in changes.removed and changes.removed[item.code] is None) or (
                    gone and new is not None and item.code not in {entry["code"] for entry in new["codes"]}
                )
            if gone:
                lost += 1
                click.echo(f"{dataset['name']}: {item.path}: {item.code} ({item.vocabulary})")
    click.echo(f"{lost} values are in no list")
    if lost:
        raise SystemExit(1)


@vocabulary_group.command("update")
@click.argument("file", type=click.Path(path_type=Path))
def update(file: Path) -> None:
    """Put the new version of a list in FILE into force; stored values that leave it move to their successors.

    Refused while a stored value would be left without one. Restart the portal's processes afterwards.
    """
    folder = config.vocabularies_folder()
    if not folder:
        raise click.ClickException(f"set {config.VOCABULARIES} to a folder that outlives an upgrade")
    new, changes = _read(file)
    moved, lost = [], []
    for dataset in descriptions():
        codes = {item.code for item in used(dataset) if item.vocabulary == changes.name}
        lost += [
            f"{dataset['name']}: {code}" for code in codes if code in changes.removed and not changes.removed[code]
        ]
        if codes & set(changes.removed):
            moved.append(dataset["id"])
    if lost:
        raise click.ClickException("values without a successor, add them to 'remap':\n" + "\n".join(sorted(lost)))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{changes.name}.json").write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    use_folder(target)
    forget_compiled()
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for identifier in moved:
        sent = remapped(_whole(identifier), changes.name, new.get("remap", {}))
        tk.get_action("package_update")({"user": site, "ignore_auth": True}, sent)
    click.echo(f"{changes.name}: {len(new['codes'])} codes in force, {len(moved)} datasets moved")


def _whole(identifier: str) -> dict[str, Any]:
    """A dataset as package_update takes it: with the ids of its resources, and with its internal block."""
    shown: dict[str, Any] = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": identifier})
    block = InternalBlock.of(identifier)
    return {**shown, "internal": dict(block.data) if block else {}}


def _read(file: Path) -> tuple[dict[str, Any], Any]:
    try:
        new = read_list(file)
    except NotAListError as error:
        raise click.ClickException(str(error)) from error
    return new, difference(new)
