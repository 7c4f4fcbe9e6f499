"""The register of systems: where datasets lie, who supplies it, and how one would get out of it (docs/register.md)."""
