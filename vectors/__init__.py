"""Known answers in JSON, one schema for all; what reads, derives and regenerates them."""
