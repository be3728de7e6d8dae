"""Runs Alternator's suite against kless: a plugin of pytest that alternator.py loads before the suite.

It gives Scylla-only helpers a meaning outside Scylla, skips the ids of skipped.tsv and writes each id's outcome
to $KLESS_OUTCOMES, one JSON object a line.
"""
import contextlib
import fnmatch
import inspect
import json
import os
import sys
import threading

import pytest

REGION = "us-east-1"
# Where AWS does by default what Scylla does only with a setting, or where its TTL period decides whether to wait.
SETTINGS_THAT_AWS_HAS = {
    "alternator_response_compression_threshold_in_bytes",
    "alternator_response_gzip_compression_level",
    "alternator_streams_increased_compatibility",
}
# Files that tell Scylla from AWS only in what the server answers: there kless is meant to be AWS.
AS_ON_AWS = ("test_http_headers", "test_compressed_response")
SCYLLA_FIXTURES = {
    "scylla_only": "about Scylla only",
    "cql": "needs CQL",
    "rest_api": "needs Scylla's REST API",
    "metrics": "needs Scylla's metrics",
    "dynamodb_bug": "the suite takes AWS's behaviour for a bug here and expects another",
}


def patch_helpers():
    """Before any test module binds these names."""
    from test.alternator import util

    def is_aws(_):
        # Modules bind this function by name: the caller's file tells which one asks.
        return os.path.basename(sys._getframe(1).f_code.co_filename).removesuffix(".py") in AS_ON_AWS

    def scylla_config_read(_, name):
        if name == "alternator_ttl_period_in_seconds":
            return "0.5"
        pytest.skip(f"Scylla's setting {name}")

    @contextlib.contextmanager
    def scylla_config_temporary(_, name, value, nop=False):
        if not nop and name not in SETTINGS_THAT_AWS_HAS:
            pytest.skip(f"Scylla's setting {name}")
        yield

    util.is_aws = is_aws
    util.get_region = lambda _: REGION
    util.scylla_config_read = scylla_config_read
    util.scylla_config_write = lambda _, name, value: pytest.skip(f"Scylla's setting {name}")
    util.scylla_config_temporary = scylla_config_temporary


def add_event_before_parse():
    """The event `before-parse` that the suite hooks into, which Debian's botocore does not have yet."""
    from botocore import endpoint
    if "before-parse" in inspect.getsource(endpoint):
        return
    running = threading.local()
    do_get_response, convert = endpoint.Endpoint._do_get_response, endpoint.convert_to_response_dict

    def convert_with_event(http_response, operation_model):
        response = convert(http_response, operation_model)
        if getattr(running, "emitter", None) is not None:
            service = operation_model.service_model.service_id.hyphenize()
            running.emitter.emit(f"before-parse.{service}.{operation_model.name}", operation_model=operation_model,
                                 response_dict=response, customized_response_dict=running.customized)
        return response

    def do_get_response_with_event(self, *arguments):
        running.emitter, running.customized = self._event_emitter, {}
        try:
            success, failure = do_get_response(self, *arguments)
        finally:
            running.emitter = None
        if success is not None:
            success[1].update(running.customized)
        return success, failure

    endpoint.convert_to_response_dict = convert_with_event
    endpoint.Endpoint._do_get_response = do_get_response_with_event


def skip_patterns():
    path = os.environ["KLESS_SKIPPED"]
    with open(path, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
    for row in rows:
        if len(row) != 2:
            raise pytest.UsageError(f"{path}: not `pattern<TAB>reason`: {row}")
    return rows


def short(nodeid):
    return nodeid.removeprefix("test/alternator/")


def matches(name, pattern):
    # Brackets stand for themselves: ids have parameters in them.
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def pytest_configure(config):
    for marker in ("skip_env", "skip_bug"):
        config.addinivalue_line("markers", f"{marker}: a kind of skip of Scylla's")
    patch_helpers()
    add_event_before_parse()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    patterns, used = skip_patterns(), set()
    for item in items:
        name = short(item.nodeid)
        for pattern, reason in patterns:
            if matches(name, pattern):
                used.add(pattern)
                item.add_marker(pytest.mark.skip(reason=reason))
                break
        else:
            for fixture, reason in SCYLLA_FIXTURES.items():
                if fixture in getattr(item, "fixturenames", ()):
                    item.add_marker(pytest.mark.skip(reason=reason))
                    break
            for mark in item.iter_markers("skip_env"):
                item.add_marker(pytest.mark.skip(reason=mark.kwargs.get("reason", "")))


class Outcomes:
    def __init__(self, path):
        self.sink = open(path, "a", encoding="utf-8", buffering=1)

    def pytest_runtest_logreport(self, report):
        if report.when != "call" and report.outcome == "passed":
            return
        row = {"id": short(report.nodeid), "when": report.when, "outcome": report.outcome,
               "seconds": round(report.duration, 3)}
        if report.outcome == "skipped":
            row["reason"] = (report.longrepr[2] if isinstance(report.longrepr, tuple)
                             else str(report.longrepr)).removeprefix("Skipped: ")
        elif report.outcome == "failed":
            crash = getattr(report.longrepr, "reprcrash", None)
            row["reason"] = (crash.message if crash else str(report.longrepr))[:600]
        self.sink.write(json.dumps(row) + "\n")


def pytest_sessionstart(session):
    session.config.pluginmanager.register(Outcomes(os.environ["KLESS_OUTCOMES"]))
