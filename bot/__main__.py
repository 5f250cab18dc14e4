"""`python -m bot` is the console script `kurzclips`."""

from bot.cli import main

main()
