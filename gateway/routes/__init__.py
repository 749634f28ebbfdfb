"""Ways in over HTTP, a module each."""
