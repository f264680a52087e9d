"""How an embedded pool is started."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Issuer(StrEnum):
    """What the tokens' `iss` claim begins with."""

    AWS = "aws"
    """`https://cognito-idp.{region}.amazonaws.com/{pool id}`, as every real pool writes it."""

    ENDPOINT = "endpoint"
    """`{endpoint}/{pool id}`, for clients that expect the issuer where they fetch the keys."""


@dataclass(frozen=True)
class PoolOptions:
    """Where the pool listens, and what its random values grow from.

    `port` 0 takes a free one. `seed` None takes a fresh one from the operating system.
    `region` is where unsigned requests are served; signed ones go to the region they are signed for.
    """

    host: str = "127.0.0.1"
    port: int = 0
    region: str = "us-east-1"
    seed: int | None = None
    issuer: Issuer = Issuer.AWS
