"""Credentials by reference: a source's configuration names a secret, the machine holds its value (risk R27).

``{"type": "bearer", "secret": "arso"}`` reads the variable ``KRANJ_SECRET_ARSO``, or the file ``arso`` in the folder
``KRANJ_SECRETS`` (``/run/secrets`` without it).
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

import msgspec

from harvesters.errors import MissingSecret, WrongSetting
from harvesters.redact import looks_secret, remember_secret

FOLDER = "/run/secrets"
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,60}$")
_SECRET_KEY = re.compile(r"pass(word|wd|phrase)?|pwd|geslo|token|api_?key|secret|credential", re.I)


class Proof(NamedTuple):
    """What one origin is shown with every request."""

    headers: dict[str, str]
    parameters: dict[str, str] = {}


@dataclass(frozen=True)
class Credentials:
    """How a source wants to be told who asks; never with the value itself."""

    type: Literal["bearer", "basic", "header", "query"]
    secret: str
    """Name of the secret."""
    user: str = ""
    """For ``basic``; without it the secret is ``user:password``."""
    name: str = ""
    """Of the header (``X-Api-Key`` without it) or of the parameter in the address (``key``)."""

    @classmethod
    def of(cls, owner: str, given: Mapping[str, Any]) -> Credentials:
        """Read the ``auth`` of a source.

        Raises:
            WrongSetting: it is not of that form.
        """
        try:
            made = msgspec.convert(dict(given), cls, strict=True)
        except msgspec.ValidationError as error:
            raise WrongSetting(owner, "auth", str(error)) from error
        if set(given) - {"type", "secret", "user", "name"}:
            raise WrongSetting(owner, "auth", "only type, secret, user and name are known")
        if not _NAME.match(made.secret):
            raise WrongSetting(owner, "auth.secret", "is the name of a secret (small letters, digits, - and _)")
        return made

    def proof(self) -> Proof:
        """What carries the secret in a request.

        Raises:
            MissingSecret: this machine does not hold it.
        """
        value = secret_named(self.secret)
        if self.type == "bearer":
            return Proof({"Authorization": f"Bearer {value}"})
        if self.type == "header":
            return Proof({self.name or "X-Api-Key": value})
        if self.type == "query":
            remember_secret(quote(value, safe=""))
            return Proof({}, {self.name or "key": value})
        pair = f"{self.user}:{value}" if self.user else value
        coded = base64.b64encode(pair.encode()).decode("ascii")
        remember_secret(coded)
        return Proof({"Authorization": f"Basic {coded}"})


def secret_named(name: str) -> str:
    """The value of a secret; from now on it is blotted out of every message of this process.

    Raises:
        MissingSecret: neither the variable nor the file exists.
    """
    variable = f"KRANJ_SECRET_{name.upper().replace('-', '_')}"
    value = os.environ.get(variable, "")
    if not value:
        path = Path(os.environ.get("KRANJ_SECRETS", FOLDER)) / name
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise MissingSecret(name, variable) from error
    if not value or any(not char.isprintable() for char in value):
        raise MissingSecret(name, variable)
    remember_secret(value)
    return value


def refuse_literals(owner: str, given: Any, path: str = "") -> None:
    """Refuse a configuration that holds a secret itself: whoever may edit the source could read it.

    Raises:
        WrongSetting: at the first one.
    """
    if isinstance(given, Mapping):
        for key, value in given.items():
            where = f"{path}.{key}" if path else str(key)
            if isinstance(value, str) and value and _SECRET_KEY.search(str(key)) and where != "auth.secret":
                raise WrongSetting(owner, where, 'a secret is given by reference only: {"auth": {"secret": "name"}}')
            refuse_literals(owner, value, where)
    elif isinstance(given, list | tuple):
        for value in given:
            refuse_literals(owner, value, path)
    elif isinstance(given, str) and looks_secret(given):
        raise WrongSetting(owner, path or "url", "holds a user name, a password or a key; give it by reference (auth)")
