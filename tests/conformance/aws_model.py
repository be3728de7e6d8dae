"""Model: checks what a server answers against AWS's own model of the service (tests/recordings/aws).

A reply may hold no member that the model does not know and no value of another type; an error must be one that the
operation names or one that every operation has; request id and content type must be there, and DynamoDB's crc32.
"""
import base64
import binascii
import json
import os
import re
import zlib

from daemon import ROOT

MODELS = os.path.join(ROOT, "tests", "recordings", "aws")
# What boto3 and the aws CLI read instead of their own, older model.
DATA_PATH = MODELS
COMMON_ERRORS = {
    "com.amazon.coral.service": {
        "AccessDeniedException", "ExpiredTokenException", "IncompleteSignatureException", "InternalFailure",
        "InvalidSignatureException", "MissingAuthenticationTokenException", "SerializationException",
        "UnknownOperationException", "UnrecognizedClientException"},
    "com.amazon.coral.validate": {"ValidationException"},
    "com.amazon.coral.availability": {"ThrottlingException"},
}
# The name space of a service's errors; CloudWatch Logs has none.
SERVICE_PREFIXES = {"dynamodb": "com.amazonaws.dynamodb.v20120810", "dynamodbstreams":
                    "com.amazonaws.dynamodb.v20120810", "sqs": "com.amazonaws.sqs", "logs": ""}
# Errors of every operation of a service that its model does not name.
SERVICE_ERRORS = {"sqs": {"InvalidParameterValueException", "MissingRequiredParameterException"}}
REQUEST_ID = re.compile(r"[0-9A-Z]{52}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Members that a model requires and AWS leaves out: an empty list.
LEFT_OUT = {"SendMessageBatch: Failed is missing", "DeleteMessageBatch: Failed is missing",
            "ChangeMessageVisibilityBatch: Failed is missing"}


class Model:
    """The operations and shapes of one service."""

    def __init__(self, service):
        self.service = service
        folder = os.path.join(MODELS, service)
        with open(os.path.join(folder, max(os.listdir(folder)), "service-2.json"), encoding="utf-8") as source:
            model = json.load(source)
        self.metadata = model["metadata"]
        self.target_prefix = self.metadata.get("targetPrefix")  # of protocols with X-Amz-Target
        self.operations = model["operations"]
        self.shapes = model["shapes"]

    # ---- values

    def problems(self, shape_name, value, path):
        """Yields what is wrong with `value` as the shape of that name."""
        shape = self.shapes[shape_name]
        check = getattr(self, "_" + shape["type"])
        yield from check(shape, value, path)

    def _structure(self, shape, value, path):
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} where a structure belongs"
            return
        members = shape["members"]
        for name, child in value.items():
            if name not in members:
                yield f"{path}: the model has no member {name}"
            elif child is None:
                yield f"{path}.{name}: null"
            else:
                yield from self.problems(members[name]["shape"], child, f"{path}.{name}")
        for name in shape.get("required", ()):
            if name not in value:
                yield f"{path}: {name} is missing"
        # The model calls AttributeValue a structure; exactly one of its members is set.
        if set(members) >= {"S", "N", "B", "SS", "M", "L", "NULL"} and len(value) != 1:
            yield f"{path}: {len(value)} types in one attribute value"

    def _list(self, shape, value, path):
        if not isinstance(value, list):
            yield f"{path}: {type(value).__name__} where a list belongs"
            return
        for i, child in enumerate(value):
            yield from self.problems(shape["member"]["shape"], child, f"{path}[{i}]")

    def _map(self, shape, value, path):
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} where a map belongs"
            return
        for name, child in value.items():
            yield from self.problems(shape["value"]["shape"], child, f"{path}[{name!r}]")

    def _string(self, shape, value, path):
        if not isinstance(value, str):
            yield f"{path}: {type(value).__name__} where a string belongs"
        elif "enum" in shape and value not in shape["enum"]:
            yield f"{path}: {value!r} is none of {shape['enum']}"

    def _integer(self, _, value, path):
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{path}: {value!r} where an integer belongs"

    _long = _integer

    def _double(self, _, value, path):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            yield f"{path}: {value!r} where a number belongs"

    _float = _double
    _timestamp = _double  # JSON 1.0: seconds since 1970

    def _boolean(self, _, value, path):
        if not isinstance(value, bool):
            yield f"{path}: {value!r} where a boolean belongs"

    def _blob(self, _, value, path):
        if not isinstance(value, str):
            yield f"{path}: {type(value).__name__} where base64 belongs"
            return
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error:
            yield f"{path}: not base64: {value[:40]!r}"

    # ---- replies

    def reply_problems(self, operation, status, headers, body):
        """What is wrong with the answer to `operation`; `headers` has its names in lowercase."""
        output = self.operations[operation].get("output")
        if status == 200 and not output:
            if body not in (b"", b"{}"):
                yield f"{operation} has no output"
        elif status == 200:
            try:
                value = json.loads(body)
            except ValueError:
                yield "the body is not JSON"
                return
            yield from (problem for problem in self.problems(output["shape"], value, operation)
                        if problem not in LEFT_OUT)
        elif 400 <= status < 600:
            yield from self.error_problems(operation, body)
        else:
            yield f"status {status}"

    def error_problems(self, operation, body):
        try:
            value = json.loads(body)
            prefix, _, name = value["__type"].rpartition("#")
        except (ValueError, KeyError, TypeError, AttributeError):
            yield f"an error without a type: {body[:200]!r}"
            return
        members = {key: member for key, member in value.items() if key not in ("__type", "message", "Message")}
        named = [error["shape"] for error in self.operations.get(operation, {}).get("errors", ())]
        if name in COMMON_ERRORS.get(prefix, ()):
            if members:
                yield f"{name}: members {sorted(members)}"
        elif prefix != SERVICE_PREFIXES[self.service]:
            yield f"{name} has the prefix {prefix}"
        elif name in SERVICE_ERRORS.get(self.service, ()):
            pass
        elif name not in named:
            yield f"{operation} does not name the error {name}"
        else:
            yield from (problem for problem in self.problems(name, members, name)
                        if not problem.endswith("essage is missing"))


MODELS_BY_PREFIX = {model.target_prefix: model for model in map(Model, SERVICE_PREFIXES)}


def header_problems(model, headers, body):
    """DynamoDB's replies have a checksum and long request ids, those of other services UUIDs."""
    is_dynamodb = model is None or model.service.startswith("dynamodb")
    if is_dynamodb and headers.get("x-amz-crc32") != str(zlib.crc32(body)):
        yield f"x-amz-crc32 is {headers.get('x-amz-crc32')} instead of {zlib.crc32(body)}"
    if not (REQUEST_ID if is_dynamodb else UUID).fullmatch(headers.get("x-amzn-requestid", "")):
        yield f"x-amzn-RequestId is {headers.get('x-amzn-requestid')!r}"
    version = "1.0" if model is None else model.metadata["jsonVersion"]
    if headers.get("content-type") not in (f"application/x-amz-json-{version}", "application/json"):
        yield f"Content-Type is {headers.get('content-type')!r}"


def reply_problems(target, status, headers, body):
    """What is wrong with a whole HTTP answer to `X-Amz-Target: target`; `headers` has its names in lowercase."""
    prefix, _, operation = (target or "").partition(".")
    model = MODELS_BY_PREFIX.get(prefix)
    yield from header_problems(model, headers, body)
    if headers.get("content-encoding") == "gzip":
        body = zlib.decompress(body, 31)
    elif headers.get("content-encoding") == "deflate":
        body = zlib.decompress(body)
    if model and operation in model.operations:
        yield from model.reply_problems(operation, status, headers, body)
    elif status == 200:
        yield f"an answer to {target}, which no model has"


def rest_reply_problems(service, operation, status, headers, body):
    """Yields what is wrong with a reply of a service that speaks REST-JSON."""
    model = Model(service)
    described = model.operations[operation]
    what = f"{service} {operation} {status}"
    if not UUID.fullmatch(headers.get("x-amzn-requestid", "")):
        yield f"{what}: request id {headers.get('x-amzn-requestid')!r}"
    if status >= 400:
        kind = headers.get("x-amzn-errortype", "")
        known = {error["shape"] for error in described.get("errors", ())}
        if kind not in known | {"ValidationException"}:
            yield f"{what}: the operation has no error {kind!r}"
        return
    output = model.shapes[described["output"]["shape"]] if "output" in described else {"members": {}}
    if "payload" in output or not body:
        return
    members = {name: member for name, member in output["members"].items() if "location" not in member}
    value = json.loads(body)
    for name, child in value.items():
        if name not in members:
            yield f"{what}: the model has no member {name}"
        elif (name, child) != ("LastUpdateStatusReasonCode", "Creating"):  # recorded on AWS (aws.md e4)
            yield from model.problems(members[name]["shape"], child, f"{what}: {name}")
