"""Actions and rights of the exchange."""
