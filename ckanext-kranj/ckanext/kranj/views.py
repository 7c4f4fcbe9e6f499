"""The routes of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.access.edge import blueprint as access

__all__ = ["access"]
