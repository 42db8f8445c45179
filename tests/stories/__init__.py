"""The manual walked in a browser: what people do, in its own words."""
