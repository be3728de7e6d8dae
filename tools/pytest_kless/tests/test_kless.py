"""The context manager and the fixture against the real binary."""
import datetime
import os
import signal
import socket
import subprocess
import sys

import pytest

import kless

JOBS = "/apis/batch/v1/namespaces/default/jobs"


def job(name, **spec):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {**spec, "template": {"spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "main", "image": "busybox", "command": ["sleep", "60"]}]}}}}


def status(k, name):
    return k.get(f"{JOBS}/{name}")["status"]


def test_a_daemon_lives_as_long_as_its_block():
    with kless.daemon() as k:
        pid = k.pid
        assert k.get("/kless/v1/health")["status"] == "ok"
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert k.pid is None


def test_advancing_a_paused_clock_ends_a_job_of_a_minute_at_once():
    with kless.daemon() as k:
        with k.clock.paused():
            before = k.clock.now()
            k.post(JOBS, job("minute"))
            k.clock.advance(30)
            assert "completionTime" not in status(k, "minute")
            k.clock.advance(datetime.timedelta(seconds=31))
            assert k.clock.now() - before == datetime.timedelta(seconds=61)
            assert status(k, "minute")["succeeded"] == 1


def test_a_paused_block_leaves_the_clock_as_it_found_it():
    with kless.daemon() as k:
        def is_paused():
            return k.get("/kless/v1/clock")["paused"]

        with k.clock.paused():
            with k.clock.paused():
                assert is_paused()
            assert is_paused()
            k.clock.resume()
        assert not is_paused()
        k.clock.pause()
        with pytest.raises(ZeroDivisionError), k.clock.paused():
            raise ZeroDivisionError
        assert is_paused()


def test_flags_win_over_the_free_port_and_the_data_in_memory(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with kless.daemon("--port", port, f"--data-directory={tmp_path}") as k:
        assert k.endpoint == f"http://127.0.0.1:{port}"
        assert (tmp_path / "kless.db").exists()


def test_a_fast_clock_passes_more_than_real_time():
    with kless.daemon() as k:
        k.clock.speed(1000)
        k.post(JOBS, job("minute"))
        emulated = k.clock.elapsed()
        k.run("wait", "--for=condition=Complete", "job/minute")
        assert k.clock.elapsed() - emulated >= 60


@pytest.mark.kless("--loops", "job", "--nodes", "0", "--function", "job-controller.init=450")
def test_the_marker_gives_the_fixture_its_flags(kless_daemon):
    k = kless_daemon
    k.post(JOBS, job("cold", completions=3, parallelism=3))
    k.wait_idle()
    assert len(k.get("/api/v1/namespaces/default/pods")["items"]) == 3
    first = k.invocations("job-controller")[0]
    assert (first["start"], first["init_ms"] >= 450) == ("cold", True)
    kinds = [r["key"]["resource-type"]["S"] for r in k.feed()]
    assert kinds.count("pod") == 3
    assert k.invocations(after=first["id"])[0]["id"] == first["id"] + 1


@pytest.mark.kless("--loops", "job", "--nodes", "0")
def test_functions_and_faults_are_set_by_name(kless_daemon):
    k = kless_daemon
    assert k.set_function("job-controller", memory_mb=1769)["memory_mb"] == 1769
    assert k.function("job-controller")["memory_mb"] == 1769
    k.add_fault("throttle", at=1)
    k.post(JOBS, job("late"))
    k.wait_idle()
    assert k.function("job-controller")["stats"]["throttles"] == 1
    assert k.reset_function("job-controller")["reclaimed"] >= 1


def test_a_refused_request_says_what_and_why(kless_daemon):
    with pytest.raises(kless.RequestError, match="there is no function|does not exist|nothing") as caught:
        kless_daemon.function("nothing")
    assert caught.value.status == 404
    kless_daemon.clock.pause()
    kless_daemon.post(JOBS, job("stuck"))


def test_other_programs_find_the_daemon_by_its_environment(kless_daemon):
    k = kless_daemon
    k.post(JOBS, job("seen"))
    listed = subprocess.run([k.binary, "feed", "--after", "0"], env=k.environment, text=True,
                            capture_output=True, check=True)
    assert "default/seen" in listed.stdout
    with open(k.kubeconfig, encoding="utf-8") as file:
        assert k.endpoint in file.read()
    assert "default/seen" in k.run("feed", "--after", "0")
    with pytest.raises(kless.KlessError, match="submit"):
        k.run("submit", "-f", "/nothing/here.yaml")


def test_data_in_a_folder_is_there_for_the_next_daemon(tmp_path):
    with kless.daemon(data=tmp_path / "data") as k:
        k.post(JOBS, job("kept"))
    with kless.daemon(data=tmp_path / "data") as k:
        assert k.get(f"{JOBS}/kept")["metadata"]["name"] == "kept"


def test_relative_paths_are_those_of_the_tests_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.yaml").write_text("functions: {default: {memory_mb: 256}}\n")
    with kless.daemon("--config", "settings.yaml", "--record", "session.jsonl", data="data") as k:
        k.post(JOBS, job("kept"))
        assert k.function("job-controller")["memory_mb"] == 256
    assert "kept" in (tmp_path / "session.jsonl").read_text()
    with kless.daemon(data="data") as k:
        assert k.get(f"{JOBS}/kept")["metadata"]["name"] == "kept"


def test_a_daemon_that_cannot_start_says_why():
    with pytest.raises(kless.KlessError, match="--prot"):
        kless.daemon("--prot", "1")
    with pytest.raises(kless.KlessError, match="no program /nothing/kless"):
        kless.daemon(binary="/nothing/kless")


def test_a_daemon_that_died_fails_the_block():
    with pytest.raises(kless.KlessError, match="before it was stopped"):
        with kless.daemon() as k:
            os.kill(k.pid, signal.SIGKILL)
            k._process.wait()


def test_foreign_variables_do_not_reach_the_daemon(monkeypatch):
    monkeypatch.setenv("KLESS_PORT", "1")
    with kless.daemon() as k:
        assert not k.endpoint.endswith(":1")


def test_a_failed_test_shows_the_log_of_its_daemon(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it(kless_daemon):\n    assert False\n")
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "kless.pytest_plugin", "-p", "no:cacheprovider", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": folder}, cwd=tmp_path, text=True, capture_output=True)
    assert result.returncode == 1
    assert "kless log" in result.stdout
    assert "kless is ready at" in result.stdout
