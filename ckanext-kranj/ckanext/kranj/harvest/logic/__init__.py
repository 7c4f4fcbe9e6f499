"""Actions and rights of harvesting."""
