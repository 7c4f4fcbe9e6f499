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
            "**/templates/**/*.html",
            "**/templates/**/*.txt",
            "**/assets/**/*.css",
            "**/assets/**/*.js",
            "**/assets/**/*.yml",
            "**/public/**/*",
            "**/i18n/**/*.mo",
            "**/migration/**/*.ini",
            "**/migration/**/*.mako",
            "**/migration/**/*.py",
        ],
        "harvesters": ["py.typed", "presets/*.yaml"],
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
        "msgspec>=0.21",
        "pyoxigraph>=0.5",
        "python-magic>=0.4.27",
        "rdflib>=7.6",
        "requests>=2.34",
        "urllib3>=2.7",
    ],
    entry_points={
        "ckan.plugins": [
            "kranj = ckanext.kranj.plugin:KranjPlugin",
            "kranj_feed = ckanext.kranj.feed.plugin:KranjFeedPlugin",
            "kranj_harvest = ckanext.kranj.harvest.plugin:KranjHarvestPlugin",
        ],
        "ckan.rdf.profiles": ["kranj_dcat_ap = ckanext.kranj.feed.profile:KranjProfile"],
        "kranj.connectors": [
            "dcat = harvesters.connectors.dcat:Dcat",
            "gbfs = harvesters.connectors.gbfs:Gbfs",
            "memory = harvesters.connectors.memory:Memory",
        ],
    },
)
