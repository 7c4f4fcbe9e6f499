"""The data dictionary: columns of resources in a table of their own, and the glossary they are linked to (docs/dictionary.md)."""
