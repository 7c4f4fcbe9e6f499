"""The switch that turns our protections off, under the test configuration only.

With it the leak suite proves that it finds the leaks of stock CKAN.
"""

from __future__ import annotations

import ckan.plugins.toolkit as tk

KEY = "kranj_test.without_protection"


def off() -> bool:
    """Whether the protections are off: ``testing = true`` and the test's own key, which no configuration declares."""
    return bool(tk.config.get("testing")) and KEY in tk.config and bool(tk.config[KEY])
