# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopback addresses for pods, without two runners on one machine sharing any."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

from ..names import LOOPBACK_OCTET, POD_STATUS_OCTET

FIRST_NETWORK, LAST_NETWORK = 128, 250
CLAIM_PORT = 61999


class Addresses:
    """One /16 of loopback, claimed by a listening socket that the kernel drops with the process."""

    def __init__(self, state: Path) -> None:
        """Claim a network, the same one again where it is free. Raises OSError when all are taken."""
        start = int.from_bytes(hashlib.sha256(str(state.resolve()).encode()).digest()[:4])
        count = LAST_NETWORK - FIRST_NETWORK + 1
        for step in range(count):
            network = FIRST_NETWORK + (start + step) % count
            claim = socket.socket()
            try:
                claim.bind((f"{LOOPBACK_OCTET}.{network}.0.1", CLAIM_PORT))
                claim.listen(1)
            except OSError:
                claim.close()
                continue
            self._claim = claim
            self.network = network
            self._used: set[str] = set()
            self._last = 1
            return
        raise OSError("every loopback network for pods is taken: end unused playgrounds (python -m playground down)")

    def take(self, wish: str = "") -> tuple[str, str]:
        """Return ``(address in the status, address to bind)``, the wished one when it is of this network and free."""
        prefix = f"{POD_STATUS_OCTET}.{self.network}."
        if wish.startswith(prefix) and wish not in self._used:
            shown = wish
        else:
            while (shown := f"{prefix}{self._last >> 8}.{self._last & 255}") in self._used or self._last & 255 in (
                0,
                255,
            ):
                self._last = self._last % 65000 + 1
            self._last = self._last % 65000 + 1
        self._used.add(shown)
        return shown, f"{LOOPBACK_OCTET}{shown[len(str(POD_STATUS_OCTET)) :]}"

    def give_back(self, shown: str) -> None:
        """Free a pod's address."""
        self._used.discard(shown)
