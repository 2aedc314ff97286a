#!/usr/bin/env python3
"""Schemathesis against openapi.yaml and the running daemon, through nginx: make schemathesis

It makes requests from the description, good ones and bad ones, and compares the answers with it.
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from Reliability.world import ROOT, World, tokens  # noqa: E402

# What is compared: the status is one that is described, type and body too, and nothing is a fault of the server. That
# bad requests are refused is checked as well; that good ones are accepted is not, because rooms and departments
# exist or do not.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance," \
    "response_headers_conformance,negative_data_rejection,missing_required_header,unsupported_method"


# The description's own examples: what it shows works.
TENANT = "8009bf1c-5fea-4221-b19a-fd4278fcb06f"
DEPARTMENT = "0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="the folder with customersd and devchat")
    parser.add_argument("--schemathesis", default=os.path.join(ROOT, ".build", "schemathesis", "bin", "st"))
    parser.add_argument("--examples", default="60", help="requests for each call of the API")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="customers-openapi-") as folder:
        world = World(os.path.abspath(options.programs), folder, daemons=1, sentinel=False, tenant=TENANT,
                      department=DEPARTMENT)
        try:
            world.start()
            return subprocess.run(
                [options.schemathesis, "run", f"http://127.0.0.1:{world.port}/customers/openapi.yaml",
                 "--url", f"http://127.0.0.1:{world.port}", "--header", f"Authorization: {tokens.access_token(sub=TENANT)}",
                 "--checks", CHECKS, "--max-examples", options.examples, "--seed", options.seed, "--workers", "1",
                 "--phases", "examples,coverage,fuzzing", "--generation-database", "none", "--no-color",
                 "--request-timeout", "15"],
                cwd=folder, check=False).returncode
        finally:
            world.stop()


if __name__ == "__main__":
    sys.exit(main())
