"""The checks of `kurzclips doctor`, each for itself: this machine, what the database says, and the world."""
