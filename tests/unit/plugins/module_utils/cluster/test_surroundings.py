# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Redis a URL means, whatever it looks like and whatever login is in it."""

from __future__ import annotations

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.surroundings import redis_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://:s3cr3t@Redis.example.com:6380/3", "redis.example.com:6380/3"),
        ("rediss://user:pass@redis.example.com", "redis.example.com:6379/0"),
        ("redis.example.com:6379", "redis.example.com:6379/0"),
        ("redis://langsmith-redis:6379", "langsmith-redis.here.svc:6379/0"),
        ("redis://langsmith-redis.here.svc.cluster.local:6379/0", "langsmith-redis.here.svc:6379/0"),
        ("redis://langsmith-redis.here.svc", "langsmith-redis.here.svc:6379/0"),
        ("redis://host:port", ""),
        ("", ""),
    ],
)
def test_redis_address(url: str, address: str) -> None:
    assert redis_address(url, "here") == address
