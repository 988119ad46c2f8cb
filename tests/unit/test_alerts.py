"""The alert rules: only metrics that exist, and the thresholds that are promised."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import missing

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "alerts.yml"
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
NAME = re.compile(r"\bdeckcast_[a-z_]+")


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_every_metric_of_a_rule_is_documented() -> None:
    known = set(NAME.findall(PAGE))
    used = {
        re.sub(r"_bucket$", "", name) for rule in alerts().values() for name in NAME.findall(rule["expr"])
    }
    assert len(used) > 8
    assert used - known == set()


@pytest.mark.parametrize(
    ("alert", "threshold"),
    [
        ("AvatarVideosFail", "> 0.2"),
        ("LocalVideosSlow", "> 300"),
        ("HeyGenVideosSlow", "> 2700"),
        ("DatabasePoolNearlyFull", "> 0.8"),
        ("MemoryNearlyFull", "> 0.85"),
    ],
)
def test_the_thresholds_are_the_promised_ones(alert: str, threshold: str) -> None:
    assert alerts()[alert]["expr"].endswith(threshold)


def test_every_rule_is_tested() -> None:
    tested = (RULES.parent / "alerts_test.yml").read_text(encoding="utf-8")
    assert [name for name in alerts() if f"alertname: {name}" not in tested] == []
    assert f"value: {len(alerts())}}}" in tested  # all of them fire where everything is wrong


@pytest.mark.parametrize("call", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]])
def test_prometheus_takes_the_rules_and_its_tests_pass(call: list[str]) -> None:
    promtool = shutil.which("promtool") or shutil.which("promtool", path=str(RULES.parent.parent / ".tools"))
    if promtool is None:
        missing("promtool is not there: run the set-up with --tests")
        return
    ran = subprocess.run([promtool, *call], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
