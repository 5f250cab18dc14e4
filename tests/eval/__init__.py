"""The evaluation of what the engine understands, on news written for it: `python -m tests.eval` prints the table."""
