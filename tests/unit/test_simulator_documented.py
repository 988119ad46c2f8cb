"""docs/simulator.md tells every switch with its default, and every fault."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from deckcast.simulators.heygen.catalogue import LOOKS, VOICES
from deckcast.simulators.heygen.faults import FAULTS, plan_from
from deckcast.simulators.heygen.server import read_plan
from deckcast.simulators.heygen.switches import Switches

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_every_switch_is_told_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert {name: json.loads(value) for name, value in told.items()} == {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(Switches()).items()
    }


def test_every_fault_is_told() -> None:
    for call, faults in FAULTS.items():
        assert f"| `{call}` |" in PAGE
        for fault in faults:
            assert f"`{fault}`" in PAGE
            plan_from({"rules": [{"call": call, "fault": fault}]})


def test_the_example_of_a_faults_file_can_be_used(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    file = tmp_path / "faults.toml"
    file.write_text(found[1], encoding="utf-8")
    plan, switches = read_plan(file)
    assert (plan.rate, len(plan.rules), switches["render_to_s"]) == (0.3, 3, 60)


def test_the_numbers_of_those_who_can_be_hired_are_right() -> None:
    assert (len(LOOKS), len(VOICES)) == (10, 52)
