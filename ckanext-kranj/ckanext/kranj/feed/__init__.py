"""The DCAT-AP feed: what the nation reads of the catalogue, and nothing else."""
