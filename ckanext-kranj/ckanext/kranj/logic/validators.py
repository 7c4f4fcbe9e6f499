"""Validators of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.catalogue.validators import kranj_field, kranj_shown

__all__ = ["kranj_field", "kranj_shown"]
