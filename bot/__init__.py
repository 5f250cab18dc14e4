"""Everything that touches the world: network, clock, environment, terminal and chat platforms."""
