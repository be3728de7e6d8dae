"""The fixture `kless_daemon`: a fresh daemon for each test that asks for it.

    @pytest.mark.kless("--latency", "thesis-2024", "--nodes", "0")
    def test_cold_start(kless_daemon):
        ...

The marker's arguments are flags of `kless serve`.  A test that fails has the daemon's log in its report.
`--kless-binary PATH` names the program (default: $KLESS_BINARY, else kless in the PATH).
"""
import pytest

import kless

_LOG = pytest.StashKey[list]()


def pytest_addoption(parser):
    parser.addoption("--kless-binary", metavar="PATH",
                     help="the kless that tests start (default: $KLESS_BINARY, else kless in the PATH)")


def pytest_configure(config):
    config.addinivalue_line("markers", "kless(*flags): flags of `kless serve` for the fixture kless_daemon")


@pytest.fixture
def kless_daemon(request):
    """A running kless.Daemon; it ends with the test."""
    marker = request.node.get_closest_marker("kless")
    flags = marker.args if marker else ()
    with kless.daemon(*flags, binary=request.config.getoption("--kless-binary")) as running:
        request.node.stash[_LOG] = running.log
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    log = item.stash.get(_LOG, None)
    if report.when == "call" and report.failed and log:
        report.sections.append(("kless log", "\n".join(log)))
