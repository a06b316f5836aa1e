// Copyright: Contributors to langgraph.selfhosted
// SPDX-License-Identifier: GPL-3.0-or-later

//go:build tools

// Package tools pins what is built from this module.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
)
