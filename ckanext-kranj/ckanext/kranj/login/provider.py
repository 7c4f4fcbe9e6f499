"""The OpenID provider: Authlib speaks the protocol (code flow, PKCE, state, nonce); here is what it must keep to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration
from flask import Response
from joserfc.errors import JoseError

import ckan.plugins.toolkit as tk

from ckanext.kranj import config
from ckanext.kranj.login.refusal import Refused

from harvesters.credentials import secret_named
from harvesters.errors import MissingSecret

NAME = "kranj"
PATIENCE = 10
"""Seconds to wait for the provider; a web process stands still meanwhile."""

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures of the provider's own key. Neither ``none`` nor the HS family, for which our secret would be the key."""

USED = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint",
        "token_endpoint_auth_methods_supported", "id_token_signing_alg_values_supported")  # fmt: skip
"""Of the provider's description; Authlib would hand everything in it to its HTTP session."""

LOCAL = frozenset({"127.0.0.1", "localhost"})
AN_HOUR = 3600
NOT_THERE = frozenset({"server_error", "temporarily_unavailable"})


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for. ``email`` only when the provider says that it verified it."""

    issuer: str
    subject: str
    name: str
    email: str | None
    unverified: str | None
    id_token: str


def start(redirect_uri: str) -> Response:
    """Send the browser to the provider; state, nonce and the PKCE verifier stay in the session.

    Raises:
        Refused: the provider does not answer, or not as one.
    """
    with _answers():
        return _client().authorize_redirect(redirect_uri)


def finish() -> Person:
    """Take the code of the running request to the provider and check what it says.

    Raises:
        Refused: state, signature, issuer, audience, nonce, time or anything else is not as it must be.
    """
    error = tk.request.args.get("error")
    with _answers():
        client = _client()
        if error:
            client.framework.clear_state_data(_session(), tk.request.args.get("state"))
            raise Refused("down" if error in NOT_THERE else "declined", error[:40])
        token = client.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "values": [config.oidc_issuer()]},
                "aud": {"essential": True, "values": [client.client_id]},
                "sub": {"essential": True},
                "nonce": {"essential": True},
            }
        )
        claims = dict(token["userinfo"])
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise Refused("nonsense", "sub is no text")
        if "email" not in claims and client.server_metadata.get("userinfo_endpoint"):
            more = client.userinfo(token=token)
            if more.get("sub") != subject:  # OpenID Connect Core 5.3.2
                raise Refused("nonsense", "userinfo is about somebody else")
            claims = {**more, **claims}
        return _person(claims, token["id_token"])


def farewell(id_token: str, back: str) -> str | None:
    """Where the browser logs out of the provider, too; None where it offers no such address."""
    try:
        with _answers():
            return str(_client().create_logout_url(post_logout_redirect_uri=back, id_token_hint=id_token)["url"])
    except Refused:
        return None


def _person(claims: dict[str, Any], id_token: str) -> Person:
    parts = (claims.get("given_name"), claims.get("family_name"))
    name = claims.get("name") or " ".join(str(part) for part in parts if part)
    email = claims.get("email") if isinstance(claims.get("email"), str) else None
    verified = claims.get("email_verified") in (True, "true")
    return Person(
        config.oidc_issuer(), claims["sub"], str(name)[:200], email if verified else None,
        None if verified else email, id_token,
    )  # fmt: skip


def _session() -> Any:
    from flask import session

    return session


@contextmanager
def _answers() -> Iterator[None]:
    """Everything that a provider or a network can do wrong, as a Refused."""
    try:
        yield
    except (requests.ConnectionError, requests.Timeout) as error:
        raise Refused("down", type(error).__name__) from error
    except MismatchingStateError as error:
        raise Refused("strange-state") from error
    except MissingSecret as error:
        raise Refused("nonsense", "the client secret is not on this machine") from error
    except requests.HTTPError as error:
        code = "down" if error.response is not None and error.response.status_code >= 500 else "nonsense"  # noqa: PLR2004
        raise Refused(code, "HTTPError") from error
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError, TypeError, AttributeError,
            RuntimeError) as error:  # fmt: skip
        raise Refused("nonsense", type(error).__name__) from error


def _client() -> FlaskOAuth2App:
    """The client with the provider's description at hand, read once an hour and process."""
    issuer = config.oidc_issuer()
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in LOCAL:
        raise Refused("nonsense", "the issuer is no https address")
    secret = secret_named(config.oidc_client_secret())
    client = _made(issuer, config.oidc_client_id(), secret, int(time.time() // AN_HOUR))
    if "_loaded_at" not in client.server_metadata:
        described = client.load_server_metadata()
        loaded = described.get("_loaded_at")
        kept = {name: described[name] for name in USED if name in described}
        described.clear()
        if kept.get("issuer") != issuer:  # OpenID Connect Discovery 4.3
            raise Refused("nonsense", "the description is of another issuer")
        offered = kept.get("id_token_signing_alg_values_supported") or ["RS256"]
        kept["id_token_signing_alg_values_supported"] = sorted(ALGORITHMS.intersection(offered))
        described.update(kept, _loaded_at=loaded)
    return client


@lru_cache(maxsize=2)
def _made(issuer: str, client_id: str, secret: str, _hour: int) -> FlaskOAuth2App:
    return FlaskOAuth2App(
        FlaskIntegration(NAME),
        name=NAME,
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": config.oidc_scope(),
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
        },
    )
