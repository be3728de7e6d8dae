"""A controller as a user writes one with python3-kubernetes: a Batch (a custom resource) becomes as
many Jobs as it asks for; its status tells how many of them are complete.

  custom_controller.py SERVER

Level-triggered, with a work queue of names: lists, watches, relists when its version is gone.
"""
import queue
import sys
import threading

import kubernetes

GROUP, VERSION, PLURAL = "example.com", "v1", "batches"


def connect(server):
    configuration = kubernetes.client.Configuration()
    configuration.host = server
    return kubernetes.client.ApiClient(configuration)


class Controller:
    def __init__(self, server):
        client = connect(server)
        self.custom = kubernetes.client.CustomObjectsApi(client)
        self.batch = kubernetes.client.BatchV1Api(connect(server))
        self.queue = queue.Queue()

    def follow(self, list_call, name_of, *arguments):
        """Queues the Batch of every object that changes, forever."""
        while True:
            listed = list_call(*arguments)
            metadata = listed["metadata"] if isinstance(listed, dict) else listed.metadata
            for item in listed["items"] if isinstance(listed, dict) else listed.items:
                self.queue.put(name_of(item))
            version = metadata["resourceVersion"] if isinstance(metadata, dict) else metadata.resource_version
            try:
                for event in kubernetes.watch.Watch().stream(list_call, *arguments, resource_version=version):
                    self.queue.put(name_of(event["object"]))
            except kubernetes.client.ApiException as error:
                if error.status != 410:
                    raise

    @staticmethod
    def owner(job):
        owners = job.metadata.owner_references or []
        return next((o.name for o in owners if o.kind == "Batch"), None)

    def reconcile(self, name):
        try:
            wanted = self.custom.get_namespaced_custom_object(GROUP, VERSION, "default", PLURAL, name)
        except kubernetes.client.ApiException as error:
            if error.status == 404:
                return  # Its Jobs are the garbage collector's.
            raise
        if wanted["metadata"].get("deletionTimestamp"):
            return
        jobs = [j for j in self.batch.list_namespaced_job("default").items if self.owner(j) == name]
        there = {job.metadata.name for job in jobs}
        for index in range(wanted["spec"]["count"]):
            if f"{name}-{index}" not in there:
                self.create(wanted, index)
        complete = sum((job.status.succeeded or 0) > 0 for job in jobs)
        if wanted.get("status", {}).get("complete") != complete:
            wanted["status"] = {"complete": complete}
            self.custom.replace_namespaced_custom_object_status(GROUP, VERSION, "default", PLURAL, name, wanted)

    def create(self, wanted, index):
        name = wanted["metadata"]["name"]
        owner = kubernetes.client.V1OwnerReference(
            api_version=f"{GROUP}/{VERSION}", kind="Batch", name=name, uid=wanted["metadata"]["uid"],
            controller=True, block_owner_deletion=True)
        container = kubernetes.client.V1Container(name="main", image=wanted["spec"]["image"], command=["true"])
        template = kubernetes.client.V1PodTemplateSpec(
            spec=kubernetes.client.V1PodSpec(containers=[container], restart_policy="Never"))
        job = kubernetes.client.V1Job(
            metadata=kubernetes.client.V1ObjectMeta(name=f"{name}-{index}", owner_references=[owner]),
            spec=kubernetes.client.V1JobSpec(template=template))
        try:
            self.batch.create_namespaced_job("default", job)
        except kubernetes.client.ApiException as error:
            if error.status != 409:
                raise

    def run(self):
        for arguments in ((self.custom.list_namespaced_custom_object,
                           lambda batch: batch["metadata"]["name"], GROUP, VERSION, "default", PLURAL),
                          (self.batch.list_namespaced_job, self.owner, "default")):
            threading.Thread(target=self.follow, args=arguments, daemon=True).start()
        while True:
            name = self.queue.get()
            try:
                if name:
                    self.reconcile(name)
            except kubernetes.client.ApiException as error:
                if error.status != 409:
                    raise
                self.queue.put(name)  # Another writer was faster: look again.


if __name__ == "__main__":
    Controller(sys.argv[1]).run()
