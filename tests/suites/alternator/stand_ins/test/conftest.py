"""Stands in for the file of Scylla's test runner: fixtures live as long as a module."""


def dynamic_scope():
    return "module"
