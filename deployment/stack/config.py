"""The portal's ``ckan.ini``: what differs per machine. The product's settings are in ``deployment/settings.ini``."""

from pathlib import Path

from .state import ROOT, State, write_private

SETTINGS = ROOT / "deployment" / "settings.ini"


def path(state: State) -> Path:
    """Where the configuration of this state folder lies."""
    return state.folder / "ckan.ini"


def write(state: State, *, site_url: str, database: str, solr: str, redis: str) -> None:
    """Write the configuration; nobody but the owner can read it, for it holds the secrets."""
    values = {
        "SECRET_KEY": state.secret("secret_key"),
        "WTF_CSRF_SECRET_KEY": state.secret("csrf"),
        "api_token.jwt.encode.secret": f"string:{state.secret('api_token')}",
        "api_token.jwt.decode.secret": f"string:{state.secret('api_token')}",
        "sqlalchemy.url": database,
        "solr_url": solr,
        "ckan.redis.url": redis,
        "ckan.site_id": f"kranj-{state.key}",
        "ckan.site_url": site_url,
        "ckanext.dcat.base_uri": site_url,
        "ckan.storage_path": str(state.folder / "files"),
        "kranj.demo": "true",  # the sources are those of the demo city: every page says so
        "kranj.reachable_hosts": "127.0.0.1",  # the demo city lives here; real sources have public names
        "kranj.harvest.demo_url": f"http://127.0.0.1:{state.port('demo', in_use_by_us=True)}",
        "ckan.webassets.path": str(state.folder / "run" / "webassets"),
    }
    text = "# Written by deployment/run at every start: change deployment/settings.ini instead.\n[app:main]\n"
    text += f"use = config:{SETTINGS}\n"
    text += "".join(f"{key} = {value.replace('%', '%%')}\n" for key, value in values.items())
    write_private(path(state), text)
