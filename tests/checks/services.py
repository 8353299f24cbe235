"""Small services for containers: an honest one on the standard library alone, and ways to break it."""

from __future__ import annotations

from tests.checks.work import Work

DOCKERFILE = """
FROM python:3.11-slim
WORKDIR /app
COPY . .
EXPOSE 8000
CMD ["python", "serve.py"]
"""
SERVE = """
import json, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

HOST, PORT = "0.0.0.0", 8000

def predict(body):
    hours = body["hours"]
    if not isinstance(hours, (int, float)):
        raise ValueError("hours must be a number")
    return ">50K" if hours > 40 else "<=50K"

class Service(BaseHTTPRequestHandler):
    def say(self, status, told):
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.say(200, {"status": "ok"}) if self.path == "/health" else self.say(404, {})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        try:
            self.say(200, {"prediction": predict(body)})
        except (ValueError, KeyError) as wrong:
            self.say(422, {"detail": str(wrong)})

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer((HOST, PORT), Service).serve_forever()
"""
SERVICE = {
    "port": 8000,
    "needs": ["docker-build"],
    "ready_seconds": 8,
    "stop_seconds": 3,
    "memory": "200m",
    "distinct_answers": 2,
    "probes": [
        {
            "method": "POST",
            "path": "/predict",
            "body": {"hours": 20},
            "answer": "<=50K",
            "has_keys": ["prediction"],
        },
        {"method": "POST", "path": "/predict", "body": {"hours": 60}, "answer": ">50K"},
    ],
    "bad_input": {"method": "POST", "path": "/predict", "body": {"hours": "many"}, "status": 422},
}


def service(work: Work, serve: str = SERVE, dockerfile: str = DOCKERFILE) -> Work:
    """A submission with an image and a service in it."""
    work.write("Dockerfile", dockerfile.replace("WORKDIR", f"LABEL work={work.mark}\nWORKDIR"))
    work.write("serve.py", serve)
    return work
