"""Stands in for the options of Scylla's test runner."""


def add_host_option(parser):
    parser.addoption("--host", default="localhost")
