# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane's page."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
