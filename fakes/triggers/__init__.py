"""Reference triggers of a custom-auth flow: magic links, passkeys, and step-up by a code in a text message.

Written to be started from: small modules over boto3, deployable as they are (`lambda_handlers.py`).
What can go wrong in such triggers is in them too, as faults, all off.
"""

from fakes.triggers.configuration import Configuration, InvalidConfiguration
from fakes.triggers.services import Services
from fakes.triggers.triggers import ReferenceTriggers

__all__ = ["Configuration", "InvalidConfiguration", "ReferenceTriggers", "Services"]
