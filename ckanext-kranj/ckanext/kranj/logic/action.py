"""The actions of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.access.actions import bulk_update_private, bulk_update_public, package_search
from ckanext.kranj.catalogue.actions import (
    dataset_purge,
    kranj_internal_show,
    kranj_internal_update,
    package_create,
    package_update,
)

__all__ = [
    "bulk_update_private",
    "bulk_update_public",
    "dataset_purge",
    "kranj_internal_show",
    "kranj_internal_update",
    "package_create",
    "package_search",
    "package_update",
]
