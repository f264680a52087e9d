"""Users: those who do not exist, and the states of those who do."""
