"""The example of a Job controller as a Lambda function (configs/examples/job_controller), deployed by the aws CLI."""
import os
import subprocess
import zipfile

from aws import AWS_CLI, AwsTest, aws_environment, needs_aws_cli
from daemon import ROOT, jobs_path, pods_path, wait_until

CODE = os.path.join(ROOT, "configs", "examples", "job_controller", "app.py")


@needs_aws_cli
class JobControllerTest(AwsTest):
    FLAGS = ("--loops", "none", "--nodes", "0")

    def aws(self, *words):
        ran = subprocess.run([AWS_CLI, *words, "--endpoint-url", self.daemon.url], cwd=self.daemon.data,
                             env=aws_environment(self.daemon.url) | {"AWS_PAGER": ""}, capture_output=True, text=True,
                             timeout=60, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout.strip()

    def deploy(self):
        with zipfile.ZipFile(os.path.join(self.daemon.data, "code.zip"), "w") as target:
            target.write(CODE, "app.py")
        self.aws("lambda", "create-function", "--function-name", "job-controller", "--runtime", "python3.12", "--handler",
                 "app.handler", "--role", "arn:aws:iam::000000000000:role/lambda", "--memory-size", "512", "--timeout",
                 "30", "--zip-file", "fileb://code.zip")
        stream = self.aws("dynamodb", "describe-table", "--table-name", "resources", "--query", "Table.LatestStreamArn",
                          "--output", "text")
        self.aws("lambda", "create-event-source-mapping", "--function-name", "job-controller", "--event-source-arn",
                 stream, "--starting-position", "TRIM_HORIZON")


    def test_jobs_get_their_pods_and_are_complete_when_these_are(self):
        self.deploy()
        self.daemon.create_job("hello", completions=3, parallelism=2)
        pods = self.daemon.wait_pods("hello", 2)
        self.assertEqual({pod["metadata"]["name"] for pod in pods}, {"hello-0", "hello-1"})

        def finish(name):
            answer = self.daemon.request("PATCH", f"{pods_path()}/{name}/status", {"status": {"phase": "Succeeded"}},
                                         {"Content-Type": "application/merge-patch+json"})
            self.assertEqual(answer.status, 200, answer)
        finish("hello-0")
        self.daemon.wait_pods("hello", 3)
        finish("hello-1")
        finish("hello-2")

        def status():
            return self.daemon.get(f"{jobs_path()}/hello").get("status", {})
        wait_until(lambda: status().get("succeeded") == 3, "the job to count its pods")
        self.assertEqual([(each["type"], each["status"]) for each in status()["conditions"]], [("Complete", "True")])

    def test_a_modelled_init_makes_the_first_pod_late(self):
        self.deploy()
        # The records that are there already are handled before.
        wait_until(lambda: self.daemon.invocations("job-controller"), "the first records to be handled")
        self.daemon.patch_function(init=450, init_mode="both")
        self.daemon.reset_function()
        before = len(self.daemon.invocations("job-controller"))
        self.daemon.create_job("late")
        self.daemon.wait_pods("late", 1)
        cold = wait_until(lambda: self.daemon.invocations("job-controller")[before:], "its invocation to end")[0]
        self.assertEqual(cold["start"], "cold")
        self.assertGreater(cold["init_ms"], 450)


if __name__ == "__main__":
    import unittest
    unittest.main()
