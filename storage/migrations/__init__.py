"""The history of the schema, append-only; HEAD is the revision that this program needs."""

HEAD = "0009"
