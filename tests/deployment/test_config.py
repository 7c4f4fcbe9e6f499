"""The configuration that the launcher writes for a portal."""

import configparser
import stat

import pytest
from stack import config

pytestmark = pytest.mark.unit


@pytest.fixture
def written(state):
    config.write(state, site_url="http://127.0.0.1:5000", database="db", solr="solr", redis="redis")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(config.path(state), encoding="utf-8")
    return parser["app:main"]


def test_a_portal_with_demo_sources_says_so(written):
    assert written["kranj.demo"] == "true"


def test_secrets_are_for_the_owner_only(written, state):
    assert written["SECRET_KEY"]
    assert stat.S_IMODE(config.path(state).stat().st_mode) == 0o600
