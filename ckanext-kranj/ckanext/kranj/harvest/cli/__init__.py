"""``ckan kranj harvest …``: sources, runs, the worker, answers of people."""

from ckanext.kranj.harvest.cli import runs, sources, stewards
from ckanext.kranj.harvest.cli.group import harvest

__all__ = ["harvest", "runs", "sources", "stewards"]
