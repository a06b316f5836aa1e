# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of deployments whose images LangChain's cloud builds or keeps."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of module_utils/control_plane/sources.py, CLOUD_OPTIONS."""

    DOCUMENTATION = r"""
options:
  deployment_type:
    description:
      - Kind of deployment in LangChain's cloud. Needed for all sources but V(external_docker), which has none. Cannot
        be changed afterwards. The kinds that scale to zero came with newer control planes.
    type: str
    choices: [dev_free, dev, prod, dev_zero, dev_free_zero]
  integration_id:
    description:
      - Id of the GitHub integration. Needed for O(source=github) and for it only. Cannot be changed afterwards.
    type: str
  repo_url:
    description:
      - URL of the repository. Needed for O(source=github) and for it only. Cannot be changed afterwards.
    type: str
  repo_ref:
    description:
      - Branch, or a tag as C(refs/tags/NAME). Needed for O(source=github) and for it only.
    type: str
  build_on_push:
    description:
      - Whether a push to the branch makes a new revision; for O(source=github) only, and not with a tag. A new
        deployment does not do so unless it is told to.
    type: bool
  langgraph_config_path:
    description:
      - Path of C(langgraph.json) in the repository or archive. Needed for O(source=github) and
        O(source=internal_source), and for them only.
    type: str
  install_command:
    description:
      - Command that installs what a JavaScript agent needs, run at the repository's root; for O(source=github) and
        O(source=internal_source). The API cannot empty it again.
    type: str
  build_command:
    description:
      - Command that builds a JavaScript agent, run beside C(langgraph.json); for O(source=github) and
        O(source=internal_source). The API cannot empty it again.
    type: str
  source_tarball_path:
    description:
      - Where the uploaded archive lies, as the upload's answer told it; for O(source=internal_source) only.
    type: str
  template_id:
    description:
      - Id of the template. Needed for O(source=internal_template) and for it only. Cannot be changed afterwards.
    type: str
  deployment_tier:
    description:
      - Size in LangChain's cloud. Control planes from before August 2026 do not know it; the task then warns.
    type: str
    choices: [SERVERLESS_S, SERVERLESS_M, SERVERLESS_L, DEDICATED_S, DEDICATED_M, DEDICATED_L]
"""
