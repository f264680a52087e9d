"""What the performance budget says, measured."""
