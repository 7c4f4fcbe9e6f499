"""An OpenID provider over HTTP on this machine: pyop does the protocol, Flask carries it, a form stands for the login.

``people`` are who may log in; ``claims`` are put into the next id_tokens; ``broken`` makes an endpoint
answer otherwise: ``{"token": (500, "text/html", "<h1>…")}``.
"""

import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from Cryptodome.PublicKey import RSA
from flask import Flask, Response, jsonify, redirect, request
from jwkest.jwk import RSAKey
from oic.oic.message import EndSessionRequest
from pyop.authz_state import AuthorizationState
from pyop.exceptions import InvalidAuthenticationRequest, OAuthError
from pyop.provider import Provider
from pyop.subject_identifier import HashBasedSubjectIdentifierFactory
from pyop.userinfo import Userinfo
from werkzeug.serving import make_server

CLIENT = "katalog-kranj"
SECRET = "skrivnost-samo-za-teste"  # noqa: S105


def _key(kid):
    return RSAKey(key=RSA.generate(2048), alg="RS256", use="sig", kid=kid)


class OpenIdProvider:
    """A running provider; ``issuer`` is its address."""

    def __init__(self):
        self.people, self.claims, self.broken, self.asked = {}, {}, {}, []
        self.key, self.foreign_key = _key("a"), _key("a")
        self.app = self._app()
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.port = self.server.server_port
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.clients = {CLIENT: {"client_secret": SECRET, "response_types": ["code"], "redirect_uris": [],
                                 "token_endpoint_auth_method": "client_secret_basic"}}  # fmt: skip
        state = AuthorizationState(HashBasedSubjectIdentifierFactory("salt"))
        described = {**self._description(), "issuer": "https://127.0.0.1"}
        self.provider = Provider(self.key, described, state, self.clients, Userinfo(self.people))
        self.provider.configuration_information["issuer"] = self.issuer  # pyop insists on TLS; this machine has none
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def _description(self):
        return {
            "issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks",
            "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo", "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def forget(self):
        """As it was when it started."""
        self.people.clear()
        self.claims, self.broken, self.asked = {}, {}, []
        self.provider.signing_key = self.key
        self.provider.id_token_lifetime = 3600

    def allow(self, portal):
        """Register the portal at an address."""
        self.clients[CLIENT]["redirect_uris"] = [f"{portal}/user/oidc/callback"]
        self.clients[CLIENT]["post_logout_redirect_uris"] = [f"{portal}/user/logged_out_redirect"]

    def close(self):
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _app(self):  # noqa: C901 one function for each endpoint
        app = Flask("provider")

        @app.before_request
        def broken():
            self.asked.append(request.path)
            wrong = self.broken.get(request.path.strip("/"))
            if wrong is None:
                return None
            if wrong == "slow":
                time.sleep(3)
            status, kind, body = wrong if wrong != "slow" else (200, "text/plain", "")
            return Response(body, status=status, content_type=kind)

        @app.get("/.well-known/openid-configuration")
        def description():
            return jsonify({**self.provider.provider_configuration.to_dict(), **self.broken.get("description", {})})

        @app.get("/jwks")
        def jwks():
            return jsonify({"keys": [self.key.serialize()]})

        @app.get("/authorize")
        def form():
            try:
                self.provider.parse_authentication_request(request.query_string.decode())
            except InvalidAuthenticationRequest as error:
                return Response(f"refused: {error}", status=400)
            choices = "".join(f'<button name="who" value="{who}">{who}</button>' for who in [*self.people, "none"])
            return f'<html lang="sl"><title>Prijava</title><form method="post">{choices}</form></html>'

        @app.post("/authorize")
        def chosen():
            asked = self.provider.parse_authentication_request(request.query_string.decode())
            if request.form["who"] == "none":
                refusal = {"error": "access_denied", "state": asked["state"]}
                return redirect(f"{asked['redirect_uri']}?{urlencode(refusal)}")
            answer = self.provider.authorize(asked, request.form["who"])
            return redirect(answer.request(asked["redirect_uri"]))

        @app.post("/token")
        def token():
            try:
                answer = self.provider.handle_token_request(
                    request.get_data(as_text=True), request.headers, extra_id_token_claims=dict(self.claims)
                )
            except OAuthError as error:
                return jsonify({"error": error.oauth_error}), 400
            return jsonify({**answer.to_dict(), **self.broken.get("answer", {})})

        @app.get("/userinfo")
        def userinfo():
            answer = self.provider.handle_userinfo_request(request.query_string.decode(), request.headers)
            return jsonify({**answer.to_dict(), **self.broken.get("info", {})})

        @app.get("/logout")
        def logout():
            asked = EndSessionRequest().deserialize(request.query_string.decode())
            self.provider.logout_user(end_session_request=asked)
            back = self.provider.do_post_logout_redirect(asked)
            return redirect(back) if back else Response("logged out of the provider only")

        return app


def parameters(url):
    """The query of an address as a flat dictionary."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
