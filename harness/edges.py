"""Sign-ins in which a value has a chosen shape: forced where the target can be told, waited for elsewhere."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness.findings import Inconclusive
from harness.sign_in import PRIVATE_VALUE_BITS, Outcome, PasswordVerifier
from protocol.cognito_srp import COGNITO
from protocol.shapes import WIDTHS, Quantity, Shape, has_shape

if TYPE_CHECKING:
    from harness.sign_in import HonestTwin, SrpSignIn
    from harness.targets import Target


def private_value_with_public(shape: Shape, randomness: random.Random) -> int:
    """An `a` whose A = g^a has the shape at the group's width."""
    a = randomness.getrandbits(PRIVATE_VALUE_BITS - 1) | 1 << (PRIVATE_VALUE_BITS - 2)
    public = COGNITO.client_public(a)
    group = COGNITO.group
    while not has_shape(public, WIDTHS["A"], shape):
        a += 1
        public = public * group.generator % group.prime
    return a


class Edges:
    """Signs in so that a value on the pool's side has a shape."""

    def __init__(self, target: Target, *, most_sign_ins: int) -> None:
        self._target = target
        self._most_sign_ins = most_sign_ins

    def sign_in_with(self, twin: HonestTwin, quantity: Quantity, shape: Shape) -> Outcome:
        """The outcome of an honest sign-in in which `quantity` (B, u, S, K or salt) has the shape.

        Raises Inconclusive when the shape did not come up in the sign-ins that are allowed.
        """
        with self._target.forcing(quantity, shape) as forced:
            for _ in range(1 if forced else self._most_sign_ins):
                sign_in = twin.sign_in()
                challenge = PasswordVerifier.read(sign_in.start())
                outcome = sign_in.answer(challenge)
                if has_shape(_value(quantity, sign_in, challenge), WIDTHS[quantity], shape):
                    return outcome
        if forced:
            raise Inconclusive(f"the target was told to send a {shape} in {quantity} and did not")
        raise Inconclusive(
            f"no {shape} in {quantity} came up in {self._most_sign_ins} sign-ins; raise target.edge_sign_ins"
        )


def _value(quantity: Quantity, sign_in: SrpSignIn, challenge: PasswordVerifier) -> int:
    proof = sign_in.proof
    assert proof is not None, "the sign-in was answered"
    return {
        "B": challenge.server_public,
        "salt": challenge.salt,
        "u": proof.scrambler,
        "S": proof.premaster_secret,
        "K": int.from_bytes(proof.password_key, "big"),
    }[quantity]
