"""Live user pools: how they are reached, what is made in them, how it is kept safe and taken away again."""
