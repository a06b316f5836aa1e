# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nothing to change costs without Ansible: prints seconds, and megabytes above the interpreter with httpx.

``handler_memory.py COUNT IMAGE``
"""

import asyncio
import json
import os
import resource
import sys
import time

import httpx  # noqa: F401 (what is measured starts after it)

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet import fleet  # noqa: E402
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task  # noqa: E402

options = {
    "deployments": [{"name": f"agent-{number}", "image": sys.argv[2]} for number in range(int(sys.argv[1]))],
    "control_plane_url": os.environ["LANGSMITH_HOST_URL"],
    "workspace_id": os.environ["LANGSMITH_WORKSPACE_ID"],
    "api_key": os.environ["LANGSMITH_API_KEY"],
}
start = time.perf_counter()
outcome = asyncio.run(fleet(Task(options)))
seconds = time.perf_counter() - start
if outcome.changed:
    sys.exit("there was something to change")
print(json.dumps([seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]))
