"""The pages of harvesting on the addresses of ckanext-harvest, and beside them."""
