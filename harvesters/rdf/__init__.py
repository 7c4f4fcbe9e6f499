"""RDF catalogues: reading graphs safely, turning pages, and mapping DCAT to the city's standard."""
