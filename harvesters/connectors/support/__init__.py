"""What connectors share: descriptions in the making, documents in safe parsers, tables."""
