"""What logging in adds to the plugin ``kranj``."""

from ckanext.kranj.login.tokens import KranjTokens
from ckanext.kranj.login.views import KranjAuthenticator


class KranjLogin(KranjAuthenticator, KranjTokens):
    """Login and logout with a provider, the life of API tokens."""
