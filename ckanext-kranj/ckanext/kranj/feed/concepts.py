"""Codes of the controlled vocabularies as IRIs, and what a page says of each so that it stands on its own.

A consumer (and the official SHACL shapes) sees ``<…/frequency/DAILY>`` without background knowledge: the page
therefore carries a stub of every concept it uses, with labels in Slovene and English and the scheme it belongs to.
No CKAN import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from schemas import vocabulary

from .terms import DCT, RDF, SKOS, clean, iri

# What else than skos:Concept the range of the property asks for (DCAT-AP 3.0.1, range shapes).
CLASSES = {
    "access_right": DCT.RightsStatement,
    "file_type": DCT.MediaTypeOrExtent,
    "frequency": DCT.Frequency,
    "language": DCT.LinguisticSystem,
    "licence": DCT.LicenseDocument,
}
# The kinds of the city that the EU list of dataset types knows too (opsi research, authority tables).
DATASET_TYPES = {"sifrant": "CODE_LIST", "kazalnik": "STATISTICAL"}
DATASET_TYPE = "http://publications.europa.eu/resource/authority/dataset-type"
_TYPE_LABELS = {
    "CODE_LIST": {"sl": "šifrant", "en": "code list"},
    "STATISTICAL": {"sl": "statistika", "en": "statistical data"},
}
LANGUAGES = ("sl", "en")

Concept = tuple[str, str]
"""Name of the vocabulary and code; of an IRI outside our lists (dataset types): ``("", IRI)``."""


def concept_iri(name: str, code: str) -> NamedNode | None:
    """The IRI of a code, or of anything the vocabulary takes as that code; None when it does not know it."""
    known = vocabulary(name)
    found = known.code_of(code)
    return iri(known.uri(found)) if found else None


def concept(name: str, code: str) -> Concept | None:
    """The canonical (vocabulary, code) of a written value, None when the vocabulary does not know it."""
    found = vocabulary(name).code_of(code)
    return (name, found) if found else None


def stubs(used: Iterable[Concept]) -> Iterator[Triple]:
    """Describe concepts and their schemes, in sorted order, each once."""
    schemes: dict[str, dict[str, str]] = {}
    for name, code in sorted(set(used)):
        if not name:
            yield from _dataset_type(code)
            schemes[DATASET_TYPE] = {"sl": "Vrsta zbirke podatkov", "en": "Dataset type"}
            continue
        known = vocabulary(name)
        node = NamedNode(known.uri(code) or "")
        yield Triple(node, RDF.type, SKOS.Concept)
        if name in CLASSES:
            yield Triple(node, RDF.type, CLASSES[name])
        for language in LANGUAGES:
            yield Triple(node, SKOS.prefLabel, Literal(known.label(code, language), language=language))
        yield Triple(node, SKOS.inScheme, NamedNode(known.scheme))
        schemes[known.scheme] = known.title
    for address, titles in sorted(schemes.items()):
        yield Triple(NamedNode(address), RDF.type, SKOS.ConceptScheme)
        for language in LANGUAGES:
            yield Triple(NamedNode(address), DCT.title, Literal(titles[language], language=language))


def _dataset_type(address: str) -> Iterator[Triple]:
    node = NamedNode(address)
    code = clean(address.rstrip("/").split("/")[-1]) or address
    yield Triple(node, RDF.type, SKOS.Concept)
    for language in LANGUAGES:
        yield Triple(node, SKOS.prefLabel, Literal(_TYPE_LABELS.get(code, {}).get(language, code), language=language))
    if address.startswith(DATASET_TYPE):
        yield Triple(node, SKOS.inScheme, NamedNode(DATASET_TYPE))
