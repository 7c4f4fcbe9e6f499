"""The one build file: three source folders, one distribution.

``ckanext`` has no ``__init__.py`` of ours: it is a PEP 420 namespace that CKAN and its extensions share.
"""

from pathlib import Path

from setuptools import find_packages, setup

CKANEXT = "ckanext-kranj/ckanext"

setup(
    name="ckanext-kranj",
    version="0.1.0",
    description="Data catalogue and open-data portal of the Municipality of Kranj",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="AGPL-3.0-or-later",
    python_requires=">=3.11",
    package_dir={"ckanext": CKANEXT},
    packages=[
        *(f"ckanext.{name}" for name in find_packages(CKANEXT)),
        *find_packages(include=["harvesters", "harvesters.*", "schemas", "schemas.*"]),
    ],
    package_data={
        "ckanext.kranj": [
            "**/config_declaration.yaml",
            "access/*.yaml",
            "catalogue/*.yaml",
            "catalogue/*.json",
            "feed/shacl/*.ttl",
            "opsi/areas.yaml",
            "**/templates/**/*.html",
            "**/templates/**/*.txt",
            "**/assets/**/*.css",
            "**/assets/**/*.js",
            "**/assets/**/*.yml",
            "**/public/**/*",
            "**/i18n/**/*.mo",
            "**/i18n/**/*.po",  # CKAN builds the words of JavaScript from these
            "**/migration/**/*.ini",
            "**/migration/**/*.mako",
            "**/migration/**/*.py",
        ],
        "harvesters": ["py.typed", "*.yaml", "presets/*.yaml"],
        "schemas": ["py.typed", "*.yaml", "*.json", "vocabularies/*.json"],
    },
    install_requires=[
        "ckan>=2.12,<2.13",
        "ckanext-dcat>=2.4.4,<3",
        "ckanext-harvest>=1.6.3,<2",
        "ckanext-scheming>=3.1,<4",
        "defusedxml>=0.7.1",
        "icalendar>=7.3",
        "jsonschema>=4.26",
        "lxml>=6.1",
        "msgspec>=0.21",
        "openpyxl>=3.1.5",
        "owslib>=0.35",
        "pymysql>=1.2",
        "pyoxigraph>=0.5",
        "pyshacl>=0.40",
        "python-magic>=0.4.27",
        "pyyaml>=6.0",
        "rdflib>=7.6",
        "requests>=2.34",
        "sqlalchemy>=2.0",
        "urllib3>=2.7",
    ],
    entry_points={
        "console_scripts": ["kranj-validate = harvesters.checking.cli:main"],
        "ckan.plugins": [
            "kranj = ckanext.kranj.plugin:KranjPlugin",
            "kranj_exchange = ckanext.kranj.exchange.plugin:KranjExchangePlugin",
            "kranj_feed = ckanext.kranj.feed.plugin:KranjFeedPlugin",
            "kranj_opsi = ckanext.kranj.opsi.plugin:KranjOpsiPlugin",
            "kranj_harvest = ckanext.kranj.harvest.plugin:KranjHarvestPlugin",
        ],
        "ckan.rdf.profiles": ["kranj_dcat_ap = ckanext.kranj.feed.profile:KranjProfile"],
        "kranj.connectors": [
            "arcgis = harvesters.connectors.arcgis:ArcGis",
            "arso = harvesters.connectors.arso:Arso",
            "ckan = harvesters.connectors.ckan:Ckan",
            "csw = harvesters.connectors.csw:Csw",
            "datex2 = harvesters.connectors.datex2:Datex2",
            "dcat = harvesters.connectors.dcat:Dcat",
            "folder = harvesters.connectors.folder:Folder",
            "gbfs = harvesters.connectors.gbfs:Gbfs",
            "gtfs = harvesters.connectors.gtfs:Gtfs",
            "ical = harvesters.connectors.ical:ICal",
            "mapping = harvesters.connectors.mapping:Mapped",
            "memory = harvesters.connectors.memory:Memory",
            "ngsild = harvesters.connectors.ngsild:NgsiLd",
            "ogcapi = harvesters.connectors.ogcapi:OgcApi",
            "open311 = harvesters.connectors.open311:Open311",
            "openapi = harvesters.connectors.openapi:OpenApi",
            "parking = harvesters.connectors.parking:Parking",
            "promet = harvesters.connectors.promet:Promet",
            "pxweb = harvesters.connectors.pxweb:PxWeb",
            "schemaorg = harvesters.connectors.schemaorg:SchemaOrg",
            "sensorthings = harvesters.connectors.sensorthings:SensorThings",
            "sql = harvesters.connectors.sql:Sql",
            "wfs = harvesters.connectors.wfs:Wfs",
            "wms = harvesters.connectors.wms:Wms",
        ],
    },
)
