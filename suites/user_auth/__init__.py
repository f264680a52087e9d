"""USER_AUTH: the flow in which the first factor is chosen."""
