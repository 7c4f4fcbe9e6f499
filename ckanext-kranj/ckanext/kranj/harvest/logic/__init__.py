"""Actions and rights of harvesting."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getmembers, isfunction
from types import ModuleType
from typing import Any


def _own(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions that a module itself defines."""
    return {
        name: function
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def get_actions() -> dict[str, Callable[..., Any]]:
    """Own actions and those of ckanext-harvest that are mended, by name."""
    from ckanext.kranj.harvest.logic import action, review, running, states, steward, values

    return {
        name: made
        for module in (action, review, running, states, steward, values)
        for name, made in _own(module).items()
    }


def get_auth_functions() -> dict[str, Callable[..., Any]]:
    """The same of the auth functions."""
    from ckanext.kranj.harvest.logic import auth, review_auth

    return {**_own(auth), **review_auth.RIGHTS}
