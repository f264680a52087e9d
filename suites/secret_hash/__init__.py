"""SECRET_HASH, in every flow of a client with a secret."""
