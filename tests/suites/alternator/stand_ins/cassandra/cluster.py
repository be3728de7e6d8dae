from . import ConsistencyLevel  # noqa: F401 (the tests import it from here)

EXEC_PROFILE_DEFAULT = None


class NoHostAvailable(Exception):
    pass


class ExecutionProfile:
    def __init__(self, **_):
        pass


class Cluster:
    """Never connects, so that the suite takes its path without CQL."""

    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def connect(self):
        raise NoHostAvailable

    def shutdown(self):
        pass
