"""Login with an OpenID provider (SI-PASS speaks it), and how long sessions and API tokens live."""
