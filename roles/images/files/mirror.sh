#!/bin/sh
# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copies every image of images.txt to a registry, under its full name. Log in first: skopeo login REGISTRY
#   ./mirror.sh REGISTRY [options of skopeo copy]
set -u
registry=${1:?say which registry to copy to}
shift
failed=0
while read -r image; do
    echo "$image"
    skopeo copy --all --preserve-digests --retry-times 3 "$@" "docker://$image" "docker://$registry/$image" </dev/null || {
        echo "not copied: $image" >&2
        failed=1
    }
done <"$(dirname "$0")/images.txt"
exit $failed
