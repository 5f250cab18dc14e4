"""What happens without being asked: polling feeds, planning and delivering digests, cleaning up."""
