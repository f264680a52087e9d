"""USER_SRP_AUTH at a pool."""
