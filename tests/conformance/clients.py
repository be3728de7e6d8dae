"""The real clients that tools/setup --clients fetches into build/clients."""
import os
import shutil

from daemon import ROOT

try:
    import kubernetes
except ImportError:
    kubernetes = None

CLIENTS = os.path.join(ROOT, "build", "clients")


def find_kubectl(release):
    """The path of kubectl `release` ("1.33"), or None."""
    fetched = os.path.join(CLIENTS, f"kubectl-{release}")
    return fetched if os.access(fetched, os.X_OK) else None


KUBECTLS = {release: find_kubectl(release) for release in ("1.33", "1.35")}
# Any kubectl, for tests in which the release does not matter.
KUBECTL = KUBECTLS["1.33"] or KUBECTLS["1.35"] or shutil.which("kubectl")


def python_client(test, url):
    """A client of python3-kubernetes for the server; closed when the test ends."""
    configuration = kubernetes.client.Configuration()
    configuration.host = url
    client = kubernetes.client.ApiClient(configuration)
    test.addCleanup(client.close)
    return client
