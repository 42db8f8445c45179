"""A government portal of our own for the demo: the pages of the manual's chapter 1, and both dialects of sign-on."""
