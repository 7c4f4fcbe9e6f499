"""A description into our own feed and out of it again by our own harvester, as RDF.

``tests/data/rdf_walk.yaml`` says of every field what comes back; the shapes that differ are computed here.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

DECISIONS = yaml.safe_load((Path(__file__).parents[2] / "data" / "rdf_walk.yaml").read_text(encoding="utf-8"))
SITE = "https://podatki.example.si"
OWNER = {"id": "org-kranj", "name": "mestna-obcina-kranj", "title": "Mestna občina Kranj"}
EUROVOC = "http://eurovoc.europa.eu/"
CRS = "http://www.opengis.net/def/crs/EPSG/0/"
HVD = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
OPEN_ONLY = {"license", "download_url", "hash", "hash_algorithm", "conforms_to", "access_services"}


def in_one_order(value):
    """The value with its lists in one order: RDF has none."""
    if isinstance(value, dict):
        return {key: in_one_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((in_one_order(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def unnamed(row):
    """A row without the IRI that the feed gave it."""
    return {key: value for key, value in row.items() if key != "uri" or not value.startswith(f"{SITE}/")}


def agents(value, _dataset):
    rows = [unnamed(row) for row in value or []]
    return [{**row, **({"phone": re.sub(r"[^0-9+]", "", row["phone"])} if "phone" in row else {})} for row in rows]


def rounded(shape):
    def each(value):
        return [each(item) for item in value] if isinstance(value, list) else round(float(value), 6) + 0.0

    parsed = json.loads(shape)
    return {"type": parsed["type"], "coordinates": each(parsed["coordinates"])}


def places(value, _dataset):
    found = []
    for row in value or []:
        own = {key: item if key == "text" else rounded(item) for key, item in row.items() if key != "uri"}
        found += [{"uri": row["uri"]}] if "uri" in row else []
        found += [own] if own else []
    return [row for at, row in enumerate(found) if row not in found[:at]]


def standards(value, holder):
    system = [CRS + holder["crs"].partition(":")[2]] if "crs" in holder else []
    return sorted({*(value or []), *system})


def is_open(dataset):
    return dataset["secrecy"] == "javno" and dataset["access_rights"] == "PUBLIC"


def page(dataset):
    return f"{SITE}/dataset/{dataset['name']}"


def dataset_type(value, dataset):
    known = {"sifrant": "CODE_LIST", "kazalnik": "STATISTICAL"}.get(dataset["dataset_kind"])
    return value or (known and f"http://publications.europa.eu/resource/authority/dataset-type/{known}")


# What a field of a dataset looks like once it was RDF, and how what is read is looked at.
SENT = {
    "operator": agents,
    "contact": agents,
    "creator": agents,
    "eurovoc": lambda value, _dataset: [one for one in value or [] if one.startswith(EUROVOC)],
    "spatial_coverage": places,
    "conforms_to": standards,
    "alternate_identifier": lambda value, dataset: sorted({*(value or []), dataset["id"]}),
    "url": lambda value, dataset: value if value and is_open(dataset) else page(dataset),
    "dcat_type": dataset_type,
}
READ = {
    "operator": agents,
    "contact": agents,
    "creator": agents,
    "spatial_coverage": places,
}


def download(resource, dataset):
    service = resource.get("access_services") or str(resource.get("format")).endswith(("_SRVC", "REST"))
    file = resource.get("url") if dataset.get("access_method") == "download" and not service else None
    return (resource.get("download_url") or file) if is_open(dataset) else None


def access(resource, dataset):
    given = next(filter(None, map(resource.get, ("access_url", "url", "download_url"))), None)
    return given if is_open(dataset) and given else page(dataset)


def checksum(name):
    def of(resource, _dataset):
        known = re.search("_(md5|sha1|sha256|sha384|sha512)$", resource.get("hash_algorithm", ""))
        return resource[name] if known and re.fullmatch("([0-9a-fA-F]{2})+", resource.get("hash", "")) else None

    return of


def by_lifecycle(name, **codes):
    return lambda resource, dataset: resource.get(name) or codes.get(dataset["lifecycle"].replace("-", "_"))


def services(resource, _dataset):
    return [
        unnamed({key: item for key, item in row.items() if key not in ("authentication", "city_standard")})
        for row in resource.get("access_services", ())
    ]


OF_RESOURCE = {
    "url": lambda resource, dataset: download(resource, dataset) or access(resource, dataset),
    "access_url": access,
    "download_url": download,
    "license": lambda resource, dataset: resource.get("license") or dataset.get("license_id"),
    "language": lambda resource, dataset: resource.get("language") or dataset["language"],
    "conforms_to": lambda resource, _dataset: standards(resource.get("conforms_to"), resource),
    "hash": checksum("hash"),
    "hash_algorithm": checksum("hash_algorithm"),
    "availability": by_lifecycle("availability", v_pripravi="EXPERIMENTAL", v_uporabi="AVAILABLE"),
    "status": by_lifecycle("status", v_pripravi="DEVELOP", v_uporabi="COMPLETED", ukinjen="DEPRECATED"),
    "applicable_legislation": lambda resource, dataset: sorted(
        {*resource.get("applicable_legislation", ()), *([HVD] if "hvd_category" in dataset else [])}
    ),
    "access_services": services,
}


def of_resource(name, resource, dataset):
    """What a field of a resource looks like once it was RDF."""
    return None if name in OPEN_ONLY and not is_open(dataset) else OF_RESOURCE[name](resource, dataset)


def in_words(words, said):
    """Whether a statement about rights says this."""
    return not words or words.strip().rstrip(".") in said


def length(text):
    """Months and seconds of a duration; None of anything else."""
    found = DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 12 * years + months, ((24 * days + hours) * 60 + minutes) * 60 + seconds


def same_duration(one, other):
    """Whether both are durations of one length: RDF writes PT86M as PT1H26M (XSD 1.1, canonical form of a duration)."""
    return length(one) is not None and length(one) == length(other)


class OverRdf:
    """Descriptions through the feed and back."""

    decisions = DECISIONS

    def read_again(self, dataset):
        """What our harvester reads of what our feed writes of a completed description."""
        from ckanext.kranj.feed import pages
        from ckanext.kranj.feed.config import FeedConfig
        from ckanext.kranj.feed.pages import Content

        from harvesters import Context, connector_named
        from harvesters.conformance import Answering

        settings = FeedConfig(
            site_url=SITE, base_uri=SITE, title={"sl": "K"}, description={"sl": "O"},
            publisher="", publisher_name="Kranj", publisher_uri="", publisher_type="", license="CC0",
            page_size=250, tombstone_days=30,
        )  # fmt: skip
        sent = {**dataset, "owner_org": OWNER["id"]}
        sent["resources"] = [{**item, "id": f"r{at}"} for at, item in enumerate(dataset["resources"])]
        content = Content([sent], {OWNER["id"]: OWNER})
        assert pages.faults(content, settings) == []
        body = pages.dataset_document(content, settings, "ttl")
        connector = connector_named("dcat").of(
            {"url": f"{SITE}/c.ttl", "owners": {"Mestna občina Kranj": OWNER["name"]}}
        )
        ctx = Context("v", Answering({f"{SITE}/c.ttl": ("text/turtle", body)}))
        (reading,) = connector.records(ctx)
        return reading.record.dataset

    def differences(self, dataset):
        """Where what comes back is not what the table promises: {path: (expected, read)}; empty when all is well."""
        read = self.read_again(dataset)
        compared = dict(self._of_dataset(dataset, read))
        assert len(read["resources"]) == len(dataset["resources"])
        for at, (resource, back) in enumerate(zip(dataset["resources"], read["resources"], strict=True)):
            compared |= {f"resources[{at}].{name}": pair for name, pair in self._of_resource(resource, back, dataset)}
        ordered = {path: tuple(in_one_order(one or None) for one in pair) for path, pair in compared.items()}
        return {path: pair for path, pair in ordered.items() if pair[0] != pair[1] and not same_duration(*pair)}

    def _of_dataset(self, dataset, read):
        """Yields (field, (expected, read))."""
        from schemas import complete

        derived = complete(read).dataset
        rights = [item.get("rights", "") for item in read["resources"]]
        for name, decided in self._fields("dataset"):
            value, got = dataset.get(name), read.get(name)
            if name in ("access_conditions_translated", "charging_terms_translated"):
                yield name, (True, all(in_words(value and value["sl"], said) for said in rights))
            elif name == "license_id":
                own = {item.get("license") if is_open(dataset) else None for item in dataset["resources"]}
                yield name, tuple(sorted(map(str, one)) for one in (own, {r.get("license") for r in read["resources"]}))
            elif name in ("access_rights", "retention_review_on"):
                yield name, (value, derived.get(name))
            elif decided == "changed":
                yield name, (SENT[name](value, dataset), READ[name](got, dataset) if name in READ else got)
            else:
                yield name, (None if decided == "kept back" else self._told("dataset", name, value), got)

    def _of_resource(self, resource, back, dataset):
        """Yields (field, (expected, read))."""
        for name, decided in self._fields("resource"):
            value, got = resource.get(name), back.get(name)
            if decided == "kept back" or name == "crs":
                yield name, (None, got)
            elif name == "rights":
                yield name, (True, in_words(value, got or ""))
            elif decided == "open only":
                yield name, (value if is_open(dataset) else None, got)
            elif decided == "changed":
                got = [unnamed(row) for row in got or []] if name == "access_services" else got
                yield name, (of_resource(name, resource, dataset), got)
            else:
                yield name, (value, got)

    def _fields(self, part):
        for name, decided in self.decisions[part].items():
            if "." not in name:
                yield name, decided if isinstance(decided, str) else decided[0]

    def _told(self, part, name, value):
        """A list of rows without the sub-fields that are kept back."""
        kept = {key.partition(".")[2] for key, said in self.decisions[part].items()
                if key.startswith(f"{name}.") and said != "same" and said[0] == "kept back"}  # fmt: skip
        if not kept or not isinstance(value, list):
            return value
        return [{key: item for key, item in row.items() if key not in kept} for row in value]


@pytest.fixture(scope="session")
def over_rdf():
    """The walk of a description through RDF."""
    return OverRdf()
