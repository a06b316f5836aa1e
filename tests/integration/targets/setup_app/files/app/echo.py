# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent that says what it is told."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    """What is said."""

    text: str


def answer(state: State) -> State:
    """Say it."""
    return {"text": f"You said {state['text']}."}


builder = StateGraph(State)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
builder.add_edge("answer", END)
graph = builder.compile()
