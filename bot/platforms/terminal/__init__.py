"""The terminal: the same bot at a prompt, or fed with lines."""
