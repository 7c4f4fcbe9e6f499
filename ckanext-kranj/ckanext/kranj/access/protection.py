"""The switch that turns our protections off, under the test configuration only.

With it the leak suite proves that it finds the leaks of stock CKAN.
"""

from __future__ import annotations

import ckan.plugins.toolkit as tk

KEY = "kranj_test.without_protection"
"""No configuration declares it: only a test that sets it by hand, and ``testing = true``, make it count."""

PARTS = ("edge", "existence", "labels", "listings", "search")


def off(part: str) -> bool:
    """Whether one part of the protections is off."""
    return KEY in tk.config and bool(tk.config.get("testing")) and part in tk.config[KEY]
