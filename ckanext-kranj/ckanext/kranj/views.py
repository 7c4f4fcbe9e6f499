"""The pages of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.catalogue.preview import blueprint as kranj_form

__all__ = ["kranj_form"]
