# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small agent that answers offline: it greets, counts words, and shows which settings reached it."""

from __future__ import annotations

import os
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph


def route(state: MessagesState) -> str:
    """Choose the node for the last message."""
    return "settings" if _question(state).lower().startswith("settings") else "reply"


def reply(state: MessagesState) -> dict[str, Any]:
    """Answer the last message."""
    question = _question(state)
    greeting = os.environ.get("GREETING", "Hello")
    return _say(f"{greeting}! You wrote {len(question.split())} words: {question}")


def settings(_state: MessagesState) -> dict[str, Any]:
    """Name the settings that reached the agent (their names only: values may be secret)."""
    own = sorted(name for name in os.environ if name.startswith(("GREETING", "EXAMPLE_", "LANGSMITH_DEPLOYMENT_NAME")))
    return _say("Settings: " + ", ".join(own))


def _question(state: MessagesState) -> str:
    content = state["messages"][-1].content if state["messages"] else ""
    if isinstance(content, list):
        return " ".join(part.get("text", "") if isinstance(part, dict) else part for part in content)
    return content


def _say(text: str) -> dict[str, Any]:
    return {"messages": [AIMessage(text)]}


builder = StateGraph(MessagesState)
builder.add_node("reply", reply)
builder.add_node("settings", settings)
builder.add_conditional_edges(START, route, ["reply", "settings"])
builder.add_edge("reply", END)
builder.add_edge("settings", END)
graph = builder.compile()
