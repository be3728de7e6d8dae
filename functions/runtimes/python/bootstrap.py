"""The runtime client of Python functions: asks the Runtime API for invocations and runs the handler.

Errors have the types and texts of AWS's runtime interface client, so that a test that expects them passes here.
"""
import decimal
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

ADDRESS = os.environ["AWS_LAMBDA_RUNTIME_API"]
PREFIX = "/2018-06-01/runtime/"


class RuntimeApi:
    """One connection for the life of the process; `next` may wait for hours."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(ADDRESS)

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, PREFIX + path, body, headers or {})
        response = self.connection.getresponse()
        return response, response.read()

    def fail(self, path, error):
        self.request("POST", path, json.dumps(error).encode(),
                     {"Lambda-Runtime-Function-Error-Type": error["errorType"], "Content-Type": "application/json"})


class Fault(Exception):
    """A handler that cannot be loaded."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


class Identity:
    def __init__(self, given):
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, given):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, given.get(name))


class ClientContext:
    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = Client(given["client"]) if given.get("client") else None


class Context:
    """What a handler gets beside its event."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        client = headers["Lambda-Runtime-Client-Context"]
        identity = headers["Lambda-Runtime-Cognito-Identity"]
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = Identity(json.loads(identity) if identity else {})
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])
        # The daemon's clock may have another date than this machine's.
        self._left = self._deadline - float(headers.get("Lambda-Runtime-Now-Ms") or time.time() * 1000)
        self._begin = time.monotonic()

    def get_remaining_time_in_millis(self):
        return max(int(self._left - (time.monotonic() - self._begin) * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class RequestFilter(logging.Filter):
    """Gives each record of the log the ID of the request that runs."""

    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestFilter.request_id
        return True


def set_up_logging():
    handler = logging.StreamHandler(sys.stdout)
    form = logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
                             "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    handler.terminator = ""
    handler.addFilter(RequestFilter())
    logging.getLogger().addHandler(handler)


def load(name):
    parts = name.rsplit(".", 1)
    if len(parts) != 2:
        raise Fault("Runtime.MalformedHandlerName",
                    f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    module_name, function_name = parts
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}",
                    trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError as error:
        raise Fault("Runtime.HandlerNotFound",
                    f"Handler '{function_name}' missing on module '{module_name}'") from error


def error_of(error, request_id):
    """The error as JSON; its trace begins in the function's code."""
    if isinstance(error, Fault):
        return {"errorMessage": str(error), "errorType": error.kind, "requestId": request_id,
                "stackTrace": error.trace}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__]
    return {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": request_id,
            "stackTrace": traceback.format_list(own)}


def report(error):
    """Writes the error as AWS shows it: one line in the log, since newlines become carriage returns."""
    text = f"[ERROR] {error['errorType']}: {error['errorMessage']}"
    if error["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(error["stackTrace"])
    sys.stdout.write(text.rstrip("\n").replace("\n", "\r") + "\n")


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def run(api, handler):
    response, body = api.request("GET", "invocation/next")
    if response.status != 200:
        raise SystemExit(f"the Runtime API answered {response.status}: {body.decode(errors='replace')}")
    headers = response.headers
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    RequestFilter.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"] or ""
    try:
        try:
            event = json.loads(body)
        except ValueError as error:
            raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error
        result = handler(event, Context(headers))
        try:
            answer = json.dumps(result, default=plain, ensure_ascii=False, allow_nan=True).encode()
        except (TypeError, ValueError) as error:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    except Exception as error:  # pylint: disable=broad-except
        failure = error_of(error, request_id)
        report(failure)
        api.fail(f"invocation/{request_id}/error", failure)
        return
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    api.request("POST", f"invocation/{request_id}/response", answer, {"Content-Type": "application/json"})


def main():
    # Lines arrive when they are written, whether or not the function flushes them.
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    set_up_logging()
    api = RuntimeApi()
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:  # pylint: disable=broad-except
        failure = error_of(error, "")
        report(failure)
        api.fail("init/error", failure)
        sys.exit(1)
    while True:
        run(api, handler)


if __name__ == "__main__":
    main()
