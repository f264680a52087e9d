"""The one error of every configuration; apart from the settings, so that `list` need not load them."""


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the key and says what would be right."""
