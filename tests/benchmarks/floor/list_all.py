# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor for reading: list all deployments, page after page, and do nothing with them."""

import os

import httpx

headers = {"X-Api-Key": os.environ["LANGSMITH_API_KEY"], "X-Tenant-Id": os.environ["LANGSMITH_WORKSPACE_ID"]}
seen = 0
with httpx.Client(base_url=os.environ["LANGSMITH_HOST_URL"], headers=headers, trust_env=False) as client:
    while True:
        page = client.get("/v2/deployments", params={"limit": 100, "offset": seen}).json()["resources"]
        seen += len(page)
        if len(page) < 100:
            break
print(seen)
