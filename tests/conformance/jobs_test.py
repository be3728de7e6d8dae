"""Jobs through the Kubernetes door: what a user creates, reads, watches, changes and deletes."""
import json
import unittest
import urllib.parse

from daemon import DaemonTest, job, jobs_path, pods_path, wait_until

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
FINALIZER = "batch.kubernetes.io/job-tracking"


class JobTest(DaemonTest):
    def test_a_created_job_is_answered_201_with_its_defaults(self):
        answer = self.daemon.request("POST", jobs_path(), job("pi"))
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/json")
        created = answer.json
        metadata, spec = created["metadata"], created["spec"]
        self.assertEqual((created["kind"], created["apiVersion"]), ("Job", "batch/v1"))
        self.assertRegex(metadata["uid"], f"^{UUID}$")
        self.assertRegex(metadata["resourceVersion"], r"^\d+$")
        self.assertRegex(metadata["creationTimestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual((metadata["name"], metadata["namespace"], metadata["generation"]),
                         ("pi", "default", 1))
        self.assertEqual(
            {k: spec[k] for k in ("parallelism", "completions", "backoffLimit", "completionMode",
                                  "suspend", "manualSelector", "podReplacementPolicy")},
            {"parallelism": 1, "completions": 1, "backoffLimit": 6, "completionMode": "NonIndexed",
             "suspend": False, "manualSelector": False,
             "podReplacementPolicy": "TerminatingOrFailed"})
        labels = {"batch.kubernetes.io/controller-uid": metadata["uid"],
                  "batch.kubernetes.io/job-name": "pi", "controller-uid": metadata["uid"],
                  "job-name": "pi"}
        self.assertEqual(spec["selector"],
                         {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}})
        self.assertEqual(spec["template"]["metadata"]["labels"], labels)
        self.assertEqual(metadata["labels"], labels)
        template = spec["template"]["spec"]
        self.assertEqual(
            (template["terminationGracePeriodSeconds"], template["dnsPolicy"],
             template["schedulerName"], template["containers"][0]["imagePullPolicy"]),
            (30, "ClusterFirst", "default-scheduler", "Always"))

    def test_its_pods_carry_owner_labels_and_finalizer(self):
        created = self.daemon.create_job("pi", completions=3, parallelism=3)
        pods = self.daemon.wait_pods("pi", 3)
        self.assertEqual(len({p["metadata"]["name"] for p in pods}), 3)
        for pod in pods:
            metadata = pod["metadata"]
            self.assertRegex(metadata["name"], r"^pi-[bcdfghjklmnpqrstvwxz2456789]{5}$")
            self.assertEqual(metadata["generateName"], "pi-")
            self.assertEqual(metadata["ownerReferences"],
                             [{"apiVersion": "batch/v1", "kind": "Job", "name": "pi",
                               "uid": created["metadata"]["uid"], "controller": True,
                               "blockOwnerDeletion": True}])
            self.assertEqual(metadata["labels"], created["spec"]["template"]["metadata"]["labels"])
            self.assertEqual(metadata["finalizers"], [FINALIZER])
            self.assertEqual(pod["spec"]["containers"][0]["image"], "busybox")
            self.assertEqual(pod["status"]["phase"], "Pending")

    def test_the_status_of_a_job_counts_its_pods(self):
        self.daemon.create_job("pi", completions=3, parallelism=2)
        self.daemon.wait_pods("pi", 2)
        self.daemon.wait_idle()
        status = self.daemon.get(jobs_path(name="pi"))["status"]
        self.assertEqual((status["active"], status["ready"], status["terminating"]), (2, 0, 0))
        self.assertIn("startTime", status)

    def test_an_indexed_job_has_one_pod_per_index(self):
        self.daemon.create_job("render", completions=4, parallelism=4, completionMode="Indexed")
        indexes = []
        for pod in self.daemon.wait_pods("render", 4):
            index = pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"]
            self.assertRegex(pod["metadata"]["name"], f"^render-{index}-")
            self.assertEqual(pod["spec"]["hostname"], f"render-{index}")
            self.assertIn("JOB_COMPLETION_INDEX",
                          [e["name"] for e in pod["spec"]["containers"][0]["env"]])
            indexes.append(index)
        self.assertEqual(sorted(indexes), ["0", "1", "2", "3"])

    def test_events_tell_of_each_created_pod(self):
        created = self.daemon.create_job("pi", completions=2, parallelism=2)
        names = {p["metadata"]["name"] for p in self.daemon.wait_pods("pi", 2)}
        self.daemon.wait_idle()
        selector = urllib.parse.quote(f"involvedObject.uid={created['metadata']['uid']}")
        events = self.daemon.get(f"/api/v1/namespaces/default/events?fieldSelector={selector}")["items"]
        self.assertEqual({e["message"] for e in events if e["reason"] == "SuccessfulCreate"},
                         {f"Created pod: {n}" for n in names})
        self.assertEqual({e["source"]["component"] for e in events}, {"job-controller"})

    def test_succeeded_pods_complete_the_job(self):
        self.daemon.create_job("pi", completions=2, parallelism=2)
        for pod in self.daemon.wait_pods("pi", 2):
            pod["status"] = {"phase": "Succeeded"}
            path = pods_path(name=pod["metadata"]["name"]) + "/status"
            self.assertEqual(self.daemon.request("PUT", path, pod).status, 200)

        def complete():
            status = self.daemon.get(jobs_path(name="pi"))["status"]
            return any(c["type"] == "Complete" for c in status.get("conditions", [])) and status

        status = wait_until(complete, "the job is complete")
        self.assertEqual((status["succeeded"], status["ready"], status["terminating"]), (2, 0, 0))
        self.assertEqual([(c["type"], c["status"], c["reason"]) for c in status["conditions"]],
                         [("SuccessCriteriaMet", "True", "CompletionsReached"),
                          ("Complete", "True", "CompletionsReached")])
        self.assertNotIn("active", status)
        self.assertIn("completionTime", status)
        for pod in self.daemon.pods("pi"):
            self.assertNotIn(FINALIZER, pod["metadata"].get("finalizers", []))

    def test_a_generated_name_is_completed(self):
        body = job("x")
        body["metadata"] = {"generateName": "night-"}
        names = {self.daemon.request("POST", jobs_path(), body).json["metadata"]["name"]
                 for _ in range(3)}
        self.assertEqual(len(names), 3)
        for name in names:
            self.assertRegex(name, r"^night-[bcdfghjklmnpqrstvwxz2456789]{5}$")


class ListTest(DaemonTest):
    def test_a_list_is_served_in_pages(self):
        for name in ("a", "b", "c", "d", "e"):
            self.daemon.create_job(name)
        self.daemon.wait_idle()
        names, query = [], "?limit=2"
        while query:
            page = self.daemon.get(jobs_path() + query)
            self.assertEqual(page["kind"], "JobList")
            names.append([i["metadata"]["name"] for i in page["items"]])
            token = page["metadata"].get("continue")
            query = f"?limit=2&continue={urllib.parse.quote(token)}" if token else None
        self.assertEqual(names, [["a", "b"], ["c", "d"], ["e"]])

    def test_namespaces_are_apart(self):
        answer = self.daemon.request("POST", "/api/v1/namespaces",
                                     {"apiVersion": "v1", "kind": "Namespace",
                                      "metadata": {"name": "team-a"}})
        self.assertEqual(answer.status, 201, answer)
        self.daemon.create_job("pi", namespace="team-a")
        self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1, "team-a")
        self.daemon.wait_pods("pi", 1)
        self.assertEqual(len(self.daemon.get("/apis/batch/v1/jobs")["items"]), 2)
        self.assertEqual(len(self.daemon.get(jobs_path("team-a"))["items"]), 1)

    def test_a_label_selector_restricts_a_list(self):
        for name in ("a", "b"):
            self.daemon.create_job(name)
            self.daemon.wait_pods(name, 1)
        selector = urllib.parse.quote("job-name in (b,c)")
        items = self.daemon.get(pods_path() + "?labelSelector=" + selector)["items"]
        self.assertEqual([i["metadata"]["labels"]["job-name"] for i in items], ["b"])


class WatchTest(DaemonTest):
    def test_pods_are_streamed_as_they_come_and_go(self):
        before = self.daemon.get(pods_path())["metadata"]["resourceVersion"]
        watch = self.daemon.lines(pods_path() + f"?watch=true&resourceVersion={before}")
        self.addCleanup(watch.close)
        self.assertEqual(watch.status, 200)
        self.daemon.create_job("pi", completions=3, parallelism=3)
        added = watch.take(3)
        self.assertEqual([e["type"] for e in added], ["ADDED"] * 3)
        versions = [int(e["object"]["metadata"]["resourceVersion"]) for e in added]
        self.assertEqual(versions, sorted(set(versions)))
        self.assertGreater(versions[0], int(before))
        names = {e["object"]["metadata"]["name"] for e in added}
        self.assertEqual(names, {p["metadata"]["name"] for p in self.daemon.pods("pi")})

        answer = self.daemon.request("DELETE", jobs_path(name="pi"), {"propagationPolicy": "Background"})
        self.assertEqual(answer.status, 200, answer)
        deleted = set()
        while deleted != names:
            event = watch.next()
            if event["type"] == "DELETED":
                deleted.add(event["object"]["metadata"]["name"])
            else:
                self.assertEqual(event["type"], "MODIFIED")

    def test_a_watch_from_an_earlier_version_replays_what_was_missed(self):
        first = self.daemon.create_job("a")
        self.daemon.create_job("b")
        self.daemon.wait_idle()
        version = first["metadata"]["resourceVersion"]
        watch = self.daemon.lines(jobs_path() + f"?watch=true&resourceVersion={version}")
        self.addCleanup(watch.close)
        seen = set()
        while "b" not in seen:
            event = watch.next()
            if event["type"] == "ADDED":
                self.assertEqual(event["object"]["metadata"]["name"], "b")
                seen.add("b")

    def test_a_watch_with_a_time_limit_ends(self):
        watch = self.daemon.lines(jobs_path() + "?watch=true&timeoutSeconds=1")
        self.addCleanup(watch.close)
        self.assertIsNone(watch.next())


class ErrorTest(DaemonTest):
    def test_a_name_that_exists_is_a_409(self):
        self.daemon.create_job("pi")
        self.assert_status(self.daemon.request("POST", jobs_path(), job("pi")), 409, "AlreadyExists",
                           r'^jobs\.batch "pi" already exists$')

    def test_a_stale_resource_version_is_a_409(self):
        stale = self.daemon.create_job("pi")
        self.daemon.wait_pods("pi", 1)
        self.daemon.wait_idle()
        stale["spec"]["parallelism"] = 2
        self.assert_status(self.daemon.request("PUT", jobs_path(name="pi"), stale), 409, "Conflict",
                           r'^Operation cannot be fulfilled on jobs\.batch "pi": the object has been '
                           r"modified; please apply your changes to the latest version and try again$")

    def test_what_is_not_there_is_a_404(self):
        self.assert_status(self.daemon.request("GET", jobs_path(name="no")), 404, "NotFound",
                           r'^jobs\.batch "no" not found$')

    def test_an_unknown_resource_is_a_404(self):
        for path in ("/apis/batch/v1/namespaces/default/gnomes", "/api/v1/gnomes"):
            self.assert_status(self.daemon.request("GET", path), 404, "NotFound",
                               "could not find the requested resource")
        answer = self.daemon.request("GET", "/apis/none/v1/jobs")  # of a group that is not there
        self.assertEqual((answer.status, answer.body), (404, b"404 page not found\n"))

    def test_another_kind_than_the_paths_is_a_400(self):
        body = {"apiVersion": "v1", "kind": "Gnome", "metadata": {"name": "g"}}
        self.assert_status(self.daemon.request("POST", jobs_path(), body), 400, "BadRequest")

    def test_malformed_json_is_a_400(self):
        for text in ('{"kind": "Job",', "", "[1,2", "nothing", '{"a": "\xff"', "{" * 5000):
            answer = self.daemon.request("POST", jobs_path(), text.encode("latin-1"),
                                         {"Content-Type": "application/json"})
            self.assert_status(answer, 400, "BadRequest")
        self.daemon.create_job("still-there")

    def test_json_of_another_shape_is_an_error_and_not_a_crash(self):
        for body in ([], 3, "job", None, {"metadata": 3}, {"metadata": {"name": 3}},
                     {"metadata": {"name": "a"}, "spec": []},
                     {"metadata": {"name": "a"}, "spec": {"template": "x"}},
                     {"metadata": {"name": "a", "labels": [1]}, "spec": {"template": {"spec": 1}}},
                     {**job("a"), "spec": {"parallelism": "many", **job("a")["spec"]}},
                     {**job("a"), "metadata": {"name": "a", "labels": {"k": {"deep": 1}}}}):
            if isinstance(body, dict):
                body = {"apiVersion": "batch/v1", "kind": "Job", **body}
            client = self.daemon.client()
            answer = client.request("POST", jobs_path(), json.dumps(body),
                                    {"Content-Type": "application/json"})
            client.close()
            self.assertIn(answer.status, (400, 422), (body, answer))
            self.assertEqual(answer.json["kind"], "Status")
        self.daemon.create_job("still-there")

    def test_an_invalid_job_is_a_422_with_causes(self):
        body = job("pi")
        body["spec"]["template"]["spec"]["restartPolicy"] = "Always"
        status = self.assert_status(self.daemon.request("POST", jobs_path(), body), 422, "Invalid",
                                    r'^Job\.batch "pi" is invalid: spec\.template\.spec\.restartPolicy: ')
        self.assertEqual(status["details"]["causes"][0]["field"], "spec.template.spec.restartPolicy")
        self.assert_status(self.daemon.request("POST", jobs_path(), job("pi", parallelism=-1)), 422,
                           "Invalid", r"spec\.parallelism: Invalid value: -1: must be greater than or "
                           "equal to 0")

    def test_a_method_that_is_not_there_is_a_405(self):
        answer = self.daemon.request("POST", jobs_path(name="pi"), {})
        self.assert_status(answer, 405, "MethodNotAllowed")


class DeleteTest(DaemonTest):
    def create(self):
        created = self.daemon.create_job("pi", completions=3, parallelism=3)
        self.daemon.wait_pods("pi", 3)
        self.daemon.wait_idle()
        return created

    def gone(self):
        wait_until(lambda: self.daemon.request("GET", jobs_path(name="pi")).status == 404,
                   "the job is gone")

    def test_background_takes_the_pods_along(self):
        created = self.create()
        answer = self.daemon.request("DELETE", jobs_path(name="pi"), {"propagationPolicy": "Background"})
        self.assertEqual((answer.status, answer.json["status"]), (200, "Success"), answer)
        self.assertEqual(answer.json["details"]["uid"], created["metadata"]["uid"])
        self.gone()
        wait_until(lambda: not self.daemon.pods(), "no pods are left")

    def test_orphan_leaves_the_pods_without_owner(self):
        self.create()
        answer = self.daemon.request("DELETE", jobs_path(name="pi") + "?propagationPolicy=Orphan")
        self.assertEqual(answer.status, 200, answer)
        self.gone()
        self.daemon.wait_idle()
        pods = self.daemon.pods()
        self.assertEqual(len(pods), 3)
        for pod in pods:
            self.assertFalse(pod["metadata"].get("ownerReferences"))
            self.assertNotIn(FINALIZER, pod["metadata"].get("finalizers", []))

    def test_foreground_marks_the_job_for_the_garbage_collector(self):
        self.create()
        answer = self.daemon.request("DELETE", jobs_path(name="pi"), {"propagationPolicy": "Foreground"})
        self.assertEqual((answer.status, answer.json["kind"]), (200, "Job"), answer)
        metadata = answer.json["metadata"]
        self.assertEqual(metadata["finalizers"], ["foregroundDeletion"])
        self.assertEqual((metadata["generation"], metadata["deletionGracePeriodSeconds"]), (2, 0))

    def test_preconditions_are_kept(self):
        self.create()
        body = {"propagationPolicy": "Background", "preconditions": {"uid": "another"}}
        self.assert_status(self.daemon.request("DELETE", jobs_path(name="pi"), body), 409, "Conflict")

    def test_a_name_may_be_used_again(self):
        first = self.create()
        self.daemon.request("DELETE", jobs_path(name="pi"), {"propagationPolicy": "Background"})
        second = self.daemon.create_job("pi", completions=2, parallelism=2)
        self.assertNotEqual(first["metadata"]["uid"], second["metadata"]["uid"])
        self.daemon.wait_idle()
        owners = [p["metadata"]["ownerReferences"][0]["uid"] for p in self.daemon.pods("pi")]
        self.assertEqual(owners, [second["metadata"]["uid"]] * 2)


if __name__ == "__main__":
    unittest.main()
