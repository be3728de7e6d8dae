"""Stands in for the CQL driver: there is no CQL server here."""


class ConsistencyLevel:
    LOCAL_QUORUM = LOCAL_SERIAL = None


class InvalidRequest(Exception):
    pass
