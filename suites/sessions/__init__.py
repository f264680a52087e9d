"""Sessions: what a challenge and its answer hang together by."""
