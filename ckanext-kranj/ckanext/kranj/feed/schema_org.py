"""A public dataset for search engines (schema.org) and for machine learning (Croissant 1.0). No CKAN import.

Built from the same allow-list of addresses as the feed: of data that are not public no address is told. Written so that
it can stand inside a page: no text of a description can end the element it stands in.
"""

from __future__ import annotations

import json
from typing import Any

from schemas import vocabulary

from .parts import is_open
from .terms import clean, media_type, web
from .writer import Place, many, rows

CROISSANT = "http://mlcommons.org/croissant/1.0"
_CONTEXT = {
    "@language": "sl", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn", "fileObject": "cr:fileObject", "sha256": "cr:sha256",
}  # fmt: skip
_SHA256 = 64

Json = dict[str, Any]


def dataset_page(dataset: Json, place: Place, language: str) -> Json:
    """What schema.org calls a Dataset.

    Args:
        dataset: as ``package_show`` returns it.
        place: where identifiers and pages start.
        language: of the page, ``sl`` or ``en``.
    """
    keywords = dataset.get("tags_translated") or {}
    organization = dataset.get("organization") or {}
    found = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": place.dataset(dataset["id"]),
        "url": place.page(dataset),
        "identifier": dataset["id"],
        "name": _said(dataset.get("title_translated"), language) or clean(dataset.get("title")),
        "description": _said(dataset.get("notes_translated"), language)[:5000],
        "inLanguage": language,
        "keywords": [clean(one) for one in many(keywords.get(language) or keywords.get("sl"))],
        "license": vocabulary("licence").uri(clean(dataset.get("license_id"))) if dataset.get("license_id") else None,
        "isAccessibleForFree": True if is_open(dataset) else None,
        "creator": _organization(organization, place),
        "publisher": _organization(organization, place),
        "datePublished": clean(dataset.get("issued")),
        "dateModified": clean(dataset.get("modified")),
        "temporalCoverage": [_period(row) for row in rows(dataset.get("temporal_coverage"))],
        "spatialCoverage": [
            {"@type": "Place", "name": clean(row["text"])}
            for row in rows(dataset.get("spatial_coverage"))
            if row.get("text")
        ],
        "version": clean(dataset.get("version")),
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": f"{place.base_uri}/catalog",
            "url": f"{place.site_url}/",
        },
        "distribution": [one for row in rows(dataset.get("resources")) if (one := _download(row, dataset, language))],
    }
    return _kept(found)


def croissant(dataset: Json, place: Place) -> Json | None:
    """The Croissant description of the files of an open dataset; None when it has no file with a SHA-256.

    Croissant is about files that a program loads and checks: without a digest there is nothing to check.
    """
    files = [one for row in rows(dataset.get("resources")) if (one := _file(row, dataset, place))]
    if not files or not is_open(dataset):
        return None
    found = dataset_page(dataset, place, "sl")
    found.update({
        "@context": _CONTEXT, "@type": "sc:Dataset", "conformsTo": CROISSANT, "distribution": files,
    })  # fmt: skip
    found.pop("includedInDataCatalog")
    return found


def script(found: Json) -> str:
    """JSON that may stand inside a ``<script>`` element: a text can neither close it nor open a comment."""
    text = json.dumps(found, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def _download(resource: Json, dataset: Json, language: str) -> Json | None:
    address = web(resource.get("download_url")) or web(resource.get("url"))
    if address is None or not is_open(dataset):
        return None
    return _kept({
        "@type": "DataDownload",
        "name": _said(resource.get("name_translated"), language),
        "contentUrl": address.value,
        "encodingFormat": _media_type(resource),
        "contentSize": clean(resource.get("size")),
    })  # fmt: skip


def _file(resource: Json, dataset: Json, place: Place) -> Json | None:
    address = web(resource.get("download_url")) or web(resource.get("url"))
    digest = clean(resource.get("hash"))
    if address is None or len(digest) != _SHA256:
        return None
    return _kept({
        "@type": "cr:FileObject",
        "@id": f"{place.dataset(dataset['id'])}/resource/{resource.get('id')}",
        "name": _said(resource.get("name_translated"), "sl") or clean(resource.get("name")),
        "contentUrl": address.value,
        "encodingFormat": _media_type(resource),
        "sha256": digest,
        "contentSize": f"{resource['size']} B" if resource.get("size") else None,
    })  # fmt: skip


def _media_type(resource: Json) -> str:
    known = vocabulary("file_type")
    given = resource.get("mimetype") or known.extra(known.code_of(resource.get("format")) or "").get("iana_media_type")
    found = media_type(given)
    return found.value.split("/media-types/")[-1] if found else clean(resource.get("format"))


def _organization(organization: Json, place: Place) -> Json | None:
    if not organization.get("id"):
        return None
    name = clean(organization.get("title")) or clean(organization.get("name"))
    return {"@type": "Organization", "@id": place.organization(organization["id"]), "name": name}


def _period(row: Json) -> str:
    return f"{clean(row.get('start')) or '..'}/{clean(row.get('end')) or '..'}"


def _said(value: Any, language: str) -> str:
    return clean(value.get(language) or value.get("sl")) if isinstance(value, dict) else ""


def _kept(found: Json) -> Json:
    return {key: value for key, value in found.items() if value not in (None, "", [], {})}
