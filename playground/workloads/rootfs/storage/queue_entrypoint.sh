#!/bin/sh
# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
AGENT_SERVER_ROLE=queue exec python3 -m playground.workloads.images.agent
