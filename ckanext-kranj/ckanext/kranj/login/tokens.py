"""API tokens end: by default after three months, at the latest after a year, also those that were made before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from flask import g, has_request_context

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import api_token

from ckanext.kranj import config

EXTRA = "kranj"
UNKNOWN = {"jti": ""}
"""What stands for a token that opens nothing: CKAN finds no such token and asks nobody else."""


class KranjTokens(p.IApiToken):
    """IApiToken of the plugin ``kranj``."""

    def create_api_token_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """How many days a token is good for may be asked for, up to the most."""
        return {**schema, "days": [tk.get_validator("default")(""), _days]}

    def postprocess_api_token(self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Write the end into the token and beside it, where the page reads it."""
        end = datetime.now(tz=UTC) + timedelta(days=data_dict.get("days", config.token_days()))
        token = model.ApiToken.get(jti)
        token.set_extra(EXTRA, {"until": end.isoformat()}, commit=True)
        return {**data, "exp": int(end.timestamp())}

    def decode_api_token(self, encoded: str, **kwargs: Any) -> Mapping[str, Any] | None:
        """Read a token; one whose time is over opens nothing, and the request is told so (login/session.py)."""
        try:
            data = api_token.decode_token(encoded, **kwargs)
        except jwt.ExpiredSignatureError:
            return _expired()
        except jwt.InvalidTokenError:
            return UNKNOWN
        token = model.ApiToken.get(data.get("jti"))
        return _expired() if token is not None and end_of(token) <= datetime.now(tz=UTC) else data


def end_of(token: Any) -> datetime:
    """When a token ends: as it was made, and never later than the most that is allowed today."""
    last = token.created_at.replace(tzinfo=UTC) + timedelta(days=config.token_most_days())
    told = ((token.plugin_extras or {}).get(EXTRA) or {}).get("until")
    return min(last, datetime.fromisoformat(told)) if told else last


@tk.chained_action
@tk.side_effect_free
def api_token_list(next_action: Any, context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """CKAN's list of one's tokens, each with ``expires_at``."""
    tokens: list[dict[str, Any]] = next_action(context, data_dict)
    for shown in tokens:
        shown["expires_at"] = end_of(model.ApiToken.get(shown["id"])).isoformat()
    return tokens


def _days(value: Any) -> int:
    most = config.token_most_days()
    if value == "":
        return config.token_days()
    if not str(value).isascii() or not str(value).isdecimal() or not 1 <= int(value) <= most:
        raise tk.Invalid(tk.h.kranj_text(f"Od 1 do {most} dni.", f"From 1 to {most} days."))
    return int(value)


def _expired() -> Mapping[str, Any]:
    if has_request_context():
        g.kranj_token_expired = True
    return UNKNOWN
