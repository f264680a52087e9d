"""Known answers: the arithmetic gives what the standards print, on either side and at every edge."""
