#!/bin/sh
# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
# Without a command of its own it is the control plane.
[ $# -gt 0 ] || set -- python3 -m playground.workloads.images.langsmith host-backend
exec "$@"
