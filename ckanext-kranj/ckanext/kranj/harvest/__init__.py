"""Harvesting in the catalogue: ckanext-harvest is the face, ``harvesters`` does the work, this package joins them."""
