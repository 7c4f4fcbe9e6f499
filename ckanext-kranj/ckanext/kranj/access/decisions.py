"""The reviewed decisions of decisions.yaml: who may use which action, route and command. The rest is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from ckan import authz

from ckanext.kranj.access.labels import is_data_office, is_known

NOBODY = "nobody"


@dataclass(frozen=True)
class Decision:
    """Who may use a door, and why."""

    who: str
    why: str


def _edits_somewhere(user: Any) -> bool:
    return bool(authz.has_user_permission_for_some_org(user.name, "create_dataset"))


RULES: Mapping[str, Callable[[Any], bool]] = {
    "anyone": lambda _user: True,
    "account": is_known,
    "editor": lambda user: is_known(user) and (user.sysadmin or is_data_office(user) or _edits_somewhere(user)),
    "office": lambda user: is_known(user) and (user.sysadmin or is_data_office(user)),
    "admin": lambda user: is_known(user) and bool(user.sysadmin),
    NOBODY: lambda _user: False,
}
"""Who: a name of decisions.yaml -> whether a user is one of them."""


@lru_cache(maxsize=1)
def decisions() -> dict[str, dict[str, Decision]]:
    """``{"actions" | "routes" | "commands": {name: Decision}}``.

    Raises:
        ValueError: a name is decided twice.
    """
    text = (files(__package__) / "decisions.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Decision]] = {}
    for kind, groups in yaml.safe_load(text).items():
        made = found.setdefault(kind, {})
        for who, doors in groups.items():
            for name, why in (doors or {}).items():
                if name in made:
                    raise ValueError(f"decisions.yaml decides twice about {kind} {name}")
                made[name] = Decision(who, why)
    return found


def allows(kind: str, name: str, user: Any) -> bool | None:
    """Whether a user may use a door; None when nobody decided about it."""
    decision = decisions()[kind].get(name)
    return None if decision is None else RULES[decision.who](user)


def command_decision(path: str) -> Decision | None:
    """The decision about a command: its own, or that of a group above it (not of ``ckan kranj``)."""
    known = decisions()["commands"]
    while path and path not in known and not path.startswith("ckan kranj"):
        path = path.rpartition(" ")[0]
    return known.get(path)
