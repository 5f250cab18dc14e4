"""The only memory: tables, transactions and queries; nothing above it sees SQL."""
