"""The profile ``kranj_dcat_ap`` for ckanext-dcat: reads as ``euro_dcat_ap_3``, writes by our own mapping table."""

from __future__ import annotations

from typing import Any

from pyoxigraph import RdfFormat, serialize

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.dcat.profiles.euro_dcat_ap_3 import EuropeanDCATAP3Profile

from . import rows
from .catalogue import catalogue_concepts, catalogue_triples
from .concepts import concept, stubs
from .config import feed_config
from .mapping import describe, publisher_triples
from .parts import publisher_type
from .series import NAMED
from .terms import PREFIXES
from .writer import Place


class KranjProfile(EuropeanDCATAP3Profile):
    """DCAT-AP 3 as the city publishes it.

    The base class writes into one shared graph, with random blank nodes, a class-level cache of organisations that is
    never emptied and a scan of the whole graph per dataset. This class hands the work to ``mapping``, so that
    ``ckan dcat produce``, ``dcat_dataset_show`` and the feed say the same.
    """

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: Any) -> None:
        """Add one dataset to the graph."""
        settings = feed_config()
        place = Place(settings.base_uri, settings.site_url)
        named = rows.series(model.Session.connection(), rows.names(dataset_dict))
        dataset = {**dataset_dict, NAMED: named}
        organizations = {
            owner: tk.get_action("organization_show")({"ignore_auth": True}, {"id": owner})
            for owner in rows.owners({"": dataset})
        }
        written = describe(dataset, organizations, place)
        used = set(written.concepts)
        triples = list(written.triples())
        for organization in organizations.values():
            triples += publisher_triples(organization, place)
            kind = concept("publisher_type", publisher_type(organization))
            used |= {kind} if kind else set()
        self._take([*triples, *stubs(used)])

    def graph_from_catalog(self, catalog_dict: dict[str, Any] | None, catalog_ref: Any) -> None:
        """Add the catalogue node to the graph."""
        settings = feed_config()
        self._take([*catalogue_triples(settings, None, None), *stubs(catalogue_concepts(settings))])

    def _take(self, triples: list[Any]) -> None:
        for prefix, address in PREFIXES.items():
            self.g.bind(prefix, address)
        self.g.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
