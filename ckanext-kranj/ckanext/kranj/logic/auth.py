"""The auth functions of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.access.auth import (
    kranj_internal_show,
    kranj_internal_update,
    package_create,
    package_delete,
    package_update,
)

__all__ = ["kranj_internal_show", "kranj_internal_update", "package_create", "package_delete", "package_update"]
