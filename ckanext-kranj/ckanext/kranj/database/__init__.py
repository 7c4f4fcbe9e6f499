"""What goes past CKAN's session: a fast lane, and waiting for one's turn."""
