# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `python -m playground`."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict

from playground import world
from playground.errors import PlaygroundError, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 well, 1 not up or failed)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PlaygroundError as error:
        print(f"playground: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say(f"interrupted; run it again to go on, or: python -m playground down --name {options.name}")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m playground",
        description="A Kubernetes cluster, a control plane and living workloads on this machine, on loopback only.",
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(
            name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        one.add_argument("--name", default="demo", help="name of the playground; several can live at once")
        return one

    up = command("up", "Bring a playground up; what already runs is left as it is.")
    up.add_argument(
        "--control-plane-port",
        type=int,
        metavar="PORT",
        help=f"0: any free one; {world.CONTROL_PLANE_PORT} when not given",
    )
    up.add_argument(
        "--ingress-port", type=int, metavar="PORT", help=f"0: any free one; {world.INGRESS_PORT} when not given"
    )
    up.add_argument(
        "--nodes", type=int, choices=range(1, 101), default=world.NODES, metavar="N", help="nodes of a new cluster"
    )
    up.add_argument("--no-workloads", action="store_true", help="no processes behind pods: kwok calls every pod ready")
    up.add_argument(
        "--deploy-seconds", type=float, default=0, metavar="S", help="how long the control plane lets a deployment wait"
    )
    up.set_defaults(run=_up)
    command("status", "Show which parts run; exit code 1 unless all do.").set_defaults(run=_status)
    command("down", "End and remove a playground, also a half-made one.").set_defaults(run=_down)
    command("env", 'Print variables for a shell: eval "$(python -m playground env)".').set_defaults(run=_env)
    return parser


def _up(options: argparse.Namespace) -> int:
    known = world.up(
        options.name,
        control_plane_port=options.control_plane_port,
        ingress_port=options.ingress_port,
        nodes=options.nodes,
        workloads=not options.no_workloads,
        deploy_seconds=options.deploy_seconds,
    )
    say(f"control plane {known.control_plane_url}, ingress {known.ingress_address}, kubeconfig {known.kubeconfig}")
    return 0


def _status(options: argparse.Namespace) -> int:
    known = world.load(options.name)
    parts = known.parts()
    shown = {key: value for key, value in asdict(known).items() if key != "api_key"}
    print(json.dumps({"up": all(parts.values()), "parts": parts, **shown}, indent=2))
    return 0 if all(parts.values()) else 1


def _down(options: argparse.Namespace) -> int:
    say(f"{options.name} is gone" if world.down(options.name) else f"there is no {options.name}: nothing to do")
    return 0


def _env(options: argparse.Namespace) -> int:
    for key, value in world.load(options.name).environment().items():
        print(f"export {key}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
