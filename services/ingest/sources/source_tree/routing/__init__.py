"""Which pages a site serves, and at which addresses: `routes` finds them, `links` follows links between them."""
