"""The data dictionary: columns of resources, and the glossary they are linked to (docs/dictionary.md)."""
