"""Stands in for Scylla's helpers of the CQL driver."""


def safe_driver_shutdown(cluster):
    cluster.shutdown()
