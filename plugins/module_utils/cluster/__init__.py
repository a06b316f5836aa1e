# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything about Kubernetes: reading, comparing, judging, waiting.

Knows nothing of Ansible or of the control plane.
"""
