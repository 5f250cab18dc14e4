"""What the bot does: platform-neutral decisions, without network, clock or chat SDK."""
