#!/bin/sh
# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
exec python3 -m playground.workloads.images.langsmith auth-bootstrap
