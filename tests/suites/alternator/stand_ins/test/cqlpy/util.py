"""Stands in for the helpers of Scylla's CQL tests."""
import contextlib

from test.pylib.skip_types import skip_env


@contextlib.contextmanager
def config_value_context(cql, name, value):
    skip_env(f"Scylla's setting {name}")
    yield
