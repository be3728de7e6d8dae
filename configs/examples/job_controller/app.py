"""A Job controller as a Lambda function behind the stream of the resource table, as in the Kubeless thesis.

Each record names a job: its own, or that of a pod that changed.  The job is read, its pods are counted, and what is
missing is written: pods under names that depend on the job alone, so that a record that is delivered twice creates
nothing twice, and the status on the condition that the job is still the one that was read.

It speaks DynamoDB by hand, so that it needs no package: the runtime of kless is the machine's python3.
"""
import datetime
import json
import os
import urllib.error
import urllib.request
import uuid

TABLE = "resources"


class ConditionFailed(Exception):
    """Another write came first."""


def call(operation, **request):
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810." + operation,
               "X-Amz-Date": "20260101T000000Z", "X-Amz-Security-Token": os.environ.get("AWS_SESSION_TOKEN", ""),
               "Authorization": f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/20260101/"
                                f"{os.environ['AWS_REGION']}/dynamodb/aws4_request, "
                                "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64}
    body = json.dumps({"TableName": TABLE} | request).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], body, headers)) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
        if answer["__type"].endswith("#ConditionalCheckFailedException"):
            raise ConditionFailed from error
        raise RuntimeError(f"{operation}: {answer}") from error


def key(kind, name):
    return {"resource-type": {"S": kind}, "resource-name": {"S": name}}


def jobs_of(record):
    """The names of the jobs that a record concerns: "default/hello"."""
    kind, name = (record["dynamodb"]["Keys"][part]["S"] for part in ("resource-type", "resource-name"))
    if kind == "job":
        yield name
    for image in ("NewImage", "OldImage"):
        if kind != "pod" or image not in record["dynamodb"]:
            continue
        metadata = json.loads(record["dynamodb"][image]["resource-value"]["S"])["metadata"]
        for owner in metadata.get("ownerReferences", ()):
            if owner["kind"] == "Job":
                yield f"{metadata['namespace']}/{owner['name']}"


def pods_of(job):
    """The pods that the job owns, by name."""
    found, start = {}, {}
    while True:
        page = call("Query", ConsistentRead=True, KeyConditionExpression="#t = :pod and begins_with(#n, :prefix)",
                    ExpressionAttributeNames={"#t": "resource-type", "#n": "resource-name"},
                    ExpressionAttributeValues={":pod": {"S": "pod"}, ":prefix": {
                        "S": f"{job['metadata']['namespace']}/{job['metadata']['name']}-"}}, **start)
        for item in page["Items"]:
            pod = json.loads(item["resource-value"]["S"])
            owners = pod["metadata"].get("ownerReferences", ())
            if any(owner["uid"] == job["metadata"]["uid"] for owner in owners):
                found[pod["metadata"]["name"]] = pod
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def new_pod(job, name):
    template = job["spec"]["template"]
    metadata = job["metadata"]
    labels = template.get("metadata", {}).get("labels", {}) | {"job-name": metadata["name"]}
    # Who writes to the table does what an API server would do otherwise.
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "status": {"phase": "Pending"}, "metadata": {
        "name": name, "namespace": metadata["namespace"], "uid": str(uuid.uuid4()), "creationTimestamp": now,
        "labels": labels, "ownerReferences": [{
            "apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"],
            "controller": True, "blockOwnerDeletion": True}]}}


def reconcile(name):
    item = call("GetItem", Key=key("job", name), ConsistentRead=True).get("Item")
    if item is None:
        return
    text = item["resource-value"]["S"]
    job = json.loads(text)
    if job["metadata"].get("deletionTimestamp") or job["spec"].get("suspend"):
        return
    pods = pods_of(job)
    phases = [pod.get("status", {}).get("phase", "Pending") for pod in pods.values()]
    succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
    completions = job["spec"].get("completions") or job["spec"].get("parallelism", 1)
    active = len(pods) - succeeded - failed
    missing = min(job["spec"].get("parallelism", 1), completions - succeeded) - active
    free = (f"{job['metadata']['name']}-{i}" for i in range(len(pods) + max(missing, 0)))
    for pod in [each for each in free if each not in pods][:max(missing, 0)]:
        try:
            call("PutItem", ConditionExpression="attribute_not_exists(#n)",
                 ExpressionAttributeNames={"#n": "resource-name"},
                 Item=key("pod", f"{job['metadata']['namespace']}/{pod}") |
                 {"resource-value": {"S": json.dumps(new_pod(job, pod))}})
            active += 1
        except ConditionFailed:
            pass  # An invocation before this one has created it.
    status = dict(job.get("status", {}))
    status.update({"active": active, "succeeded": succeeded, "failed": failed})
    if succeeded >= completions:
        status["conditions"] = [{"type": "Complete", "status": "True"}]
    job["status"] = {field: value for field, value in status.items() if value}
    if job["status"] == json.loads(text).get("status", {}):
        return
    call("UpdateItem", Key=key("job", name), UpdateExpression="SET #v = :new", ConditionExpression="#v = :read",
         ExpressionAttributeNames={"#v": "resource-value"},
         ExpressionAttributeValues={":new": {"S": json.dumps(job)}, ":read": {"S": text}})


def handler(event, context):
    names = {name for record in event["Records"] for name in jobs_of(record)}
    for name in sorted(names):
        for _ in range(10):
            try:
                reconcile(name)
                break
            except ConditionFailed:
                continue  # The job has changed: look again.
        else:
            raise RuntimeError(f"{name} changes faster than it can be written")
    print("reconciled", *sorted(names))
