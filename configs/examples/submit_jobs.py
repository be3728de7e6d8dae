#!/usr/bin/python3
"""Submits jobs with boto3 into the resource table and prints when their pods were created.

    export AWS_ENDPOINT_URL=http://127.0.0.1:8080 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
    configs/examples/submit_jobs.py [--jobs 100] [--pods 1] [--warm-up 5] [--csv pods.csv]
    kless exec -- configs/examples/submit_jobs.py                      # sets these variables

Like the script of the Kubeless thesis: warm-up requests first, so that functions have started; then one put_item after
another; then the pods' own timestamps are read back, from the table and from its stream.  Everything is a call of
DynamoDB or DynamoDB Streams.  Timestamps of both have whole seconds; where the endpoint is kless, the exact times come
from its change feed, which has the same records as the stream.
"""
import argparse
import csv
import datetime
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config

TABLE = "resources"
NAMESPACE = "default"
PATIENCE = 300  # s until all pods are there


def clients():
    # boto3 before June 2023 does not read AWS_ENDPOINT_URL by itself.
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    config = Config(max_pool_connections=64)
    return [boto3.client(service, endpoint_url=endpoint, region_name=region, config=config)
            for service in ("dynamodb", "dynamodbstreams")]


def job(name, pods):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"completions": pods, "parallelism": pods, "template": {"spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]}}}}


class Run:
    def __init__(self, dynamodb, streams):
        self.dynamodb = dynamodb
        self.streams = streams
        self.id = uuid.uuid4().hex[:6]  # names of different runs differ

    def submit(self, prefix, jobs, pods):
        """Puts jobs one after another; returns their names and how long that took."""
        names = [f"{prefix}-{self.id}-{i}" for i in range(jobs)]
        began = time.monotonic()
        for name in names:
            self.dynamodb.put_item(TableName=TABLE, Item={
                "resource-type": {"S": "job"},
                "resource-name": {"S": f"{NAMESPACE}/{name}"},
                "resource-value": {"S": json.dumps(job(name, pods))}})
        return set(names), time.monotonic() - began

    def pods_of(self, jobs):
        """The pods of these jobs, as {name: (job, creationTimestamp)}."""
        found = {}
        for page in self.dynamodb.get_paginator("query").paginate(
                TableName=TABLE, KeyConditionExpression="#t = :pod", ConsistentRead=True,
                ExpressionAttributeNames={"#t": "resource-type"}, ExpressionAttributeValues={":pod": {"S": "pod"}}):
            for item in page["Items"]:
                pod = json.loads(item["resource-value"]["S"])
                owner = pod["metadata"].get("labels", {}).get("job-name")
                if owner in jobs:
                    found[item["resource-name"]["S"]] = (owner, pod["metadata"]["creationTimestamp"])
        return found

    def wait_for_pods(self, jobs, pods):
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.pods_of(jobs)
            if len(found) >= len(jobs) * pods:
                return found
            if time.monotonic() > deadline:
                sys.exit(f"submit_jobs: only {len(found)} of {len(jobs) * pods} pods after {PATIENCE} s")
            time.sleep(0.1)

    def stream_insertions(self):
        """Insertions by the table's stream, as {(type, name): (seconds, sequence number)}."""
        arn = self.dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        shards, start = [], {}
        while True:
            stream = self.streams.describe_stream(StreamArn=arn, **start)["StreamDescription"]
            shards += stream["Shards"]
            if "LastEvaluatedShardId" not in stream:
                break
            start = {"ExclusiveStartShardId": stream["LastEvaluatedShardId"]}
        created = {}
        for shard in shards:
            iterator = self.streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                                       ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            while iterator:
                page = self.streams.get_records(ShardIterator=iterator)
                for record in page["Records"]:
                    change = record["dynamodb"]
                    if record["eventName"] == "INSERT":
                        key = change["Keys"]["resource-type"]["S"], change["Keys"]["resource-name"]["S"]
                        created[key] = change["ApproximateCreationDateTime"].timestamp(), change["SequenceNumber"]
                iterator = page.get("NextShardIterator")
                if not page["Records"]:
                    break
        return created

    def close(self):
        for client in (self.dynamodb, self.streams):
            client.close()


def exact_insertions():
    """The same by kless's change feed, in seconds with microseconds; None if the endpoint is not kless."""
    created, after = {}, 0
    try:
        while True:
            url = f"{os.environ.get('AWS_ENDPOINT_URL', '').rstrip('/')}/kless/v1/feed?after={after}&limit=10000"
            with urllib.request.urlopen(url, timeout=60) as answer:
                records = [json.loads(line) for line in answer.read().splitlines() if line]
            if not records:
                return created
            for record in records:
                if record["kind"] == "INSERT" and record["table"] == TABLE:
                    key = record["key"]["resource-type"]["S"], record["key"]["resource-name"]["S"]
                    created[key] = seconds(record["time"])
            after = records[-1]["sequence"]
    except (urllib.error.URLError, ValueError, KeyError):
        return None


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def report(jobs, pods, created, submit_seconds, source):
    began = min(created["job", f"{NAMESPACE}/{name}"] for name in jobs)
    times = sorted(created["pod", name] - began for name in pods)
    after_job = sorted(created["pod", name] - created["job", f"{NAMESPACE}/{owner}"] for name, (owner, _) in pods.items())

    def milliseconds(value):
        return round(value * 1000, 3)

    return {"jobs": len(jobs), "pods": len(pods), "times": source, "submission_ms": milliseconds(submit_seconds),
            "first_pod_ms": milliseconds(times[0]), "median_pod_ms": milliseconds(times[len(times) // 2]),
            "last_pod_ms": milliseconds(times[-1]), "median_after_its_job_ms": milliseconds(after_job[len(after_job) // 2])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--pods", type=int, default=1, help="of each job")
    parser.add_argument("--warm-up", type=int, default=5, help="jobs before the run, which are deleted again")
    parser.add_argument("--csv", help="a file for one line per pod")
    parser.add_argument("--json", action="store_true", help="print the numbers as one JSON object")
    arguments = parser.parse_args()

    run = Run(*clients())
    if arguments.warm_up:
        names, _ = run.submit("warm-up", arguments.warm_up, 1)
        pods = run.wait_for_pods(names, 1)
        for kind, keys in (("job", [f"{NAMESPACE}/{name}" for name in names]), ("pod", pods)):
            for key in keys:
                run.dynamodb.delete_item(TableName=TABLE, Key={"resource-type": {"S": kind}, "resource-name": {"S": key}})

    jobs, submit_seconds = run.submit("job", arguments.jobs, arguments.pods)
    pods = run.wait_for_pods(jobs, arguments.pods)
    by_stream = run.stream_insertions()
    missing = [name for name in pods if ("pod", name) not in by_stream]
    if missing:
        sys.exit(f"submit_jobs: {len(missing)} pods have no record in the stream: {missing[:3]}")
    created = exact_insertions()
    source = "change feed"
    if created is None:
        created, source = {key: when for key, (when, _) in by_stream.items()}, "stream, whole seconds"
    numbers = report(jobs, pods, created, submit_seconds, source)
    run.close()

    if arguments.csv:
        with open(arguments.csv, "w", newline="", encoding="utf-8") as sink:
            rows = csv.writer(sink)
            rows.writerow(["pod", "job", "created", "creation_timestamp", "sequence_number"])
            for name, (owner, stamp) in sorted(pods.items(), key=lambda pod: created["pod", pod[0]]):
                rows.writerow([name, owner, f"{created['pod', name]:.6f}", stamp, by_stream["pod", name][1]])
    if arguments.json:
        print(json.dumps(numbers))
    else:
        for name, value in numbers.items():
            print(f"{name:<24} {value}")


if __name__ == "__main__":
    main()
