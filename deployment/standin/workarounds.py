"""What stands between us and faults of the stock harvesters; each is written up in docs/upstream.md.

Nothing here may help our own side: a national portal that runs the same software would need the same lines.
"""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk


def purge_deleted() -> int:
    """Purge datasets that an earlier harvest deleted (upstream.md, "A dataset that comes back").

    On CKAN 2.12 the DCAT harvester looks for an earlier dataset without asking whether it is deleted, finds it, and
    ends with an error: what was withdrawn once can never be harvested again.
    """
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    gone = [row.id for row in model.Session.query(model.Package.id).filter_by(state="deleted", type="dataset")]
    for identifier in gone:
        tk.get_action("dataset_purge")({"ignore_auth": True, "user": user}, {"id": identifier})
    return len(gone)


def index_source_again(name: str) -> None:
    """Index a harvest source as CKAN itself would (upstream.md, "A source forgets what it is").

    ckanext-harvest ends each job by indexing its source without validating it: what CKAN then serves from the index
    lacks type, frequency and configuration, and the next run ends with KeyError 'source_type'.
    """
    from ckan.lib.search import rebuild

    rebuild(model.Package.get(name).id)
