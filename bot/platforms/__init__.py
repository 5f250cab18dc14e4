"""The chat platforms: each listens, renders and sends, and knows nothing of the others."""
