# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor for writing: create deployments 16 at a time, then list once a second until all are deployed.

No checks, no retries, no plan: ``create_all.py PREFIX COUNT IMAGE``.
"""

import asyncio
import os
import sys

import httpx

prefix, count, image = sys.argv[1], int(sys.argv[2]), sys.argv[3]
headers = {"X-Api-Key": os.environ["LANGSMITH_API_KEY"], "X-Tenant-Id": os.environ["LANGSMITH_WORKSPACE_ID"]}


async def main() -> None:
    limits = httpx.Limits(max_connections=16)
    async with httpx.AsyncClient(
        base_url=os.environ["LANGSMITH_HOST_URL"], headers=headers, limits=limits, trust_env=False, timeout=60
    ) as client:
        bodies = [
            {
                "name": f"{prefix}-{number}",
                "source": "external_docker",
                "source_config": {"resource_spec": {}},
                "source_revision_config": {"image_uri": image},
                "secrets": [],
            }
            for number in range(count)
        ]
        made = await asyncio.gather(*(client.post("/v2/deployments", json=body) for body in bodies))
        waiting = {answer.raise_for_status().json()["id"] for answer in made}
        while waiting:
            for offset in range(0, count, 100):
                query = httpx.QueryParams(limit=100, offset=offset, name_contains=prefix)
                page = (await client.get("/v2/deployments", params=query)).json()["resources"]
                waiting -= {one["id"] for one in page if one["active_revision_id"] == one["latest_revision_id"]}
            if waiting:
                await asyncio.sleep(1)


asyncio.run(main())
