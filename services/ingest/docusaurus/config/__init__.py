"""Where a site's settings come from: written by its owner, computed by Node, or read from the config's literals."""
