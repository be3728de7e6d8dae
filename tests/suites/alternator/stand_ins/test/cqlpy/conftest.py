"""Stands in for the fixtures of Scylla's CQL tests."""
import pytest


@pytest.fixture(scope="module")
def host(request):
    return request.config.getoption("--host")
