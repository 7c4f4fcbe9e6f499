"""Exits for the national portal OPSI beside the feed: names of its API, its old REST routes, its form."""
