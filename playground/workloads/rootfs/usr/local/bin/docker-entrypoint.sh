#!/bin/sh
# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
# Options or a configuration file alone mean the server, as in the original image.
case "$1" in
-* | *.conf) set -- redis-server "$@" ;;
esac
exec "$@"
