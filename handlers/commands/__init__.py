"""One command a file; each declares itself and is found by the registry."""
