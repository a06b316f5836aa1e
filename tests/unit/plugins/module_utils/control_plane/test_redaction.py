# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import HIDDEN, Redactor


def test_known_secrets_are_hidden_wherever_they_stand() -> None:
    redact = Redactor(["sk-secret"])
    redact.add(["other-one"])
    assert redact("a sk-secret, a prefixsk-secretsuffix and other-one") == (
        f"a {HIDDEN}, a prefix{HIDDEN}suffix and {HIDDEN}"
    )


def test_a_secret_within_another_does_not_uncover_it() -> None:
    assert "xyz" not in Redactor(["abcd", "abcdxyz"])("abcdxyz")


def test_secrets_are_hidden_as_json_writes_them_and_line_by_line() -> None:
    redact = Redactor(['pä"ss', "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nshort\n"])
    assert redact(r'{"a": "p\u00e4\"ss", "b": "pä\"ss"}') == f'{{"a": "{HIDDEN}", "b": "{HIDDEN}"}}'
    assert redact("line MIIEvQIBADANBgkqhkiG9w0 of it, and short ones") == f"line {HIDDEN} of it, and short ones"


def test_short_values_do_not_destroy_texts() -> None:
    assert Redactor(["1", ""])("100 of 11") == "100 of 11"


def test_credentials_in_urls_are_hidden() -> None:
    assert Redactor()("via http://user:word@proxy:3128/ now") == f"via http://{HIDDEN}@proxy:3128/ now"


def test_documents_are_redacted_through_and_through() -> None:
    redact = Redactor(["sk-secret"])
    assert redact.deep({"a": ["sk-secret", 1, None], "b": {"c": "x sk-secret"}}) == {
        "a": [HIDDEN, 1, None],
        "b": {"c": f"x {HIDDEN}"},
    }
