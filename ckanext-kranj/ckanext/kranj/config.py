"""Typed readers of the options of plugin ``kranj``; their defaults are written in config_declaration.yaml only."""

import ckan.plugins.toolkit as tk

DATA_OFFICE = "kranj.data_office"
TITLE_EN = "kranj.title_en"
DEMO = "kranj.demo"
APPROVAL = "kranj.approval"
AUDIT_SEALER = "kranj.audit.sealer"
KEEP_AUDIT = "kranj.retention.audit"
KEEP_REVISIONS = "kranj.retention.revisions"
KEEP_STUBS = "kranj.retention.stubs"
LOGIN_ATTEMPTS = "kranj.login.attempts"
LOGIN_WAIT = "kranj.login.wait"
OIDC_ISSUER = "kranj.oidc.issuer"
OIDC_CLIENT_ID = "kranj.oidc.client_id"
OIDC_CLIENT_SECRET = "kranj.oidc.client_secret"  # noqa: S105 the name of an option
OIDC_SCOPE = "kranj.oidc.scope"
OIDC_LABEL = "kranj.oidc.label"
OIDC_CREATE_ACCOUNTS = "kranj.oidc.create_accounts"
SESSION_LONGEST = "kranj.session.longest"
TOKEN_DAYS = "kranj.token.days"  # noqa: S105 the name of an option
TOKEN_MOST_DAYS = "kranj.token.most_days"  # noqa: S105 the name of an option
REACHABLE_HOSTS = "kranj.reachable_hosts"
VOCABULARIES = "kranj.vocabularies"


def data_office() -> str:
    """Name of the organisation whose members are the data office."""
    return tk.config[DATA_OFFICE]


def title_en() -> str:
    """The portal's name on English pages; empty when it is that of ``ckan.site_title``."""
    return str(tk.config[TITLE_EN])


def demo() -> bool:
    """Whether the portal shows demonstration data, which every page then says."""
    return tk.config[DEMO]


def approval() -> bool:
    """Whether a wider level needs the word of a second person."""
    return bool(tk.config[APPROVAL])


def audit_sealer() -> bool:
    """Whether web processes seal the audit in the background."""
    return bool(tk.config[AUDIT_SEALER])


def keep_audit() -> str:
    """How long entries of the audit are kept before they may be handed over (ISO 8601)."""
    return str(tk.config[KEEP_AUDIT])


def keep_revisions() -> str:
    """How long stored values of changes are kept (ISO 8601)."""
    return str(tk.config[KEEP_REVISIONS])


def keep_stubs() -> str:
    """How long a description stays after its data are gone (ISO 8601)."""
    return str(tk.config[KEEP_STUBS])


def login_attempts() -> int:
    """How many wrong passwords a name may have within the time of waiting."""
    return int(tk.config[LOGIN_ATTEMPTS])


def login_wait() -> int:
    """Seconds to wait after too many wrong passwords."""
    return int(tk.config[LOGIN_WAIT])


def oidc() -> bool:
    """Whether people may log in with an OpenID provider."""
    return bool(oidc_issuer())


def oidc_issuer() -> str:
    """Address of the provider; empty: no such login."""
    return str(tk.config[OIDC_ISSUER] or "")


def oidc_client_id() -> str:
    """Under which name the provider knows this portal."""
    return str(tk.config[OIDC_CLIENT_ID])


def oidc_client_secret() -> str:
    """Name of the secret; its value is in a variable or file of the machine (harvesters/credentials.py)."""
    return str(tk.config[OIDC_CLIENT_SECRET])


def oidc_scope() -> str:
    """What the provider is asked to tell."""
    return str(tk.config[OIDC_SCOPE])


def oidc_label() -> str:
    """What people call the provider."""
    return str(tk.config[OIDC_LABEL])


def oidc_create_accounts() -> bool:
    """Whether somebody who comes for the first time gets an account, without rights."""
    return bool(tk.config[OIDC_CREATE_ACCOUNTS])


def session_longest() -> int:
    """Seconds after which a login ends, however busy."""
    return int(tk.config[SESSION_LONGEST])


def token_days() -> int:
    """Days that an API token is good for when nobody says otherwise."""
    return min(int(tk.config[TOKEN_DAYS]), token_most_days())


def token_most_days() -> int:
    """Days that an API token may be good for at the most."""
    return int(tk.config[TOKEN_MOST_DAYS])


def reachable_hosts() -> frozenset[str]:
    """Hosts in a private network that the public does reach."""
    return frozenset(tk.config[REACHABLE_HOSTS])


def vocabularies_folder() -> str:
    """Folder with newer versions of code lists; empty when there is none."""
    return tk.config.get(VOCABULARIES) or ""


def base_uri() -> str:
    """Start of every permanent address of a description; the one that ckanext-dcat is told, so that both agree."""
    return str(tk.config.get("ckanext.dcat.base_uri") or tk.config["ckan.site_url"]).rstrip("/")
