"""The embedded pool: Cognito's authentication, honestly done, on loopback HTTP, over moto."""

from fakes.pool.embedded import EmbeddedPool, PoolDidNotStart
from fakes.pool.entropy import Edge, UnreachableEdge
from fakes.pool.options import Issuer, PoolOptions

__all__ = ["Edge", "EmbeddedPool", "Issuer", "PoolDidNotStart", "PoolOptions", "UnreachableEdge"]
