"""Data that tests of connectors share."""

import pytest

from harvesters import Defaults

DATASET = {
    "owner_org": "mestna-obcina-kranj",
    "secrecy": "javno",
    "visibility": "internal",
    "owner_status": "potrjen",
    "access_method": "download",
    "frequency": "ANNUAL",
    "retention_kind": "T",
    "content_area": ["promet"],
    "contact": [{"name": "Podatkovna pisarna", "email": "podatki@kranj.si"}],
}


@pytest.fixture
def defaults():
    """What a source's preset supplies."""
    return Defaults(dict(DATASET), {"location": {"system": "Sistem"}})
