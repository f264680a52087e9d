"""Stand-ins: the pool, the authenticator, the reference triggers, mail and phone, the faults."""
