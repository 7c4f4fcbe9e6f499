"""One page with everything that waits for a person, and the way to each tool."""
