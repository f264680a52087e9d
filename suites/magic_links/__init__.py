"""Magic links: catalogue section B2."""
