"""What deploy/ and compose.yaml say is real: commands, options, settings, ports, files and metrics."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from compose_spec import PyCompose
from packaging.requirements import Requirement

from conftest import missing
from deckcast.cli.app import app
from deckcast.kit.settings import Settings, WorkerSettings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\bdeckcast_[a-z_]+")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"].startswith("deckcast:")}
MANIFESTS: list[dict[str, Any]] = [
    each
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text())
]
DRAIN_S = WorkerSettings().drain_s


def is_command(words: list[str]) -> bool:
    """Whether the command line takes these words; nothing is run."""
    command = typer.main.get_command(app)
    context = command.make_context("deckcast", list(words), resilient_parsing=False)
    while isinstance(command, typer.core.TyperGroup):
        name, command, rest = command.resolve_command(context, context._protected_args + context.args)
        assert command is not None, words
        context = command.make_context(name, rest, parent=context)
    return True


def is_setting(variable: str) -> bool:
    """Whether an environment variable is one that Deckcast reads."""
    model: Any = Settings
    for part in variable.removeprefix("DECKCAST_").lower().split("__"):
        fields = getattr(model, "model_fields", {})
        if part not in fields:
            return False
        model = fields[part].annotation
    return variable.startswith("DECKCAST_")


def containers() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every container of the manifests, with its pod."""
    for manifest in MANIFESTS:
        if manifest["kind"] in ("Deployment", "Job"):
            pod = manifest["spec"]["template"]["spec"]
            for container in pod["containers"]:
                yield manifest["metadata"]["name"], pod, container


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_real_command_with_real_settings(name: str) -> None:
    service = OURS[name]
    assert is_command(service["command"])
    wrong = [each for each in service.get("environment", {}) if not is_setting(each)]
    assert wrong == []


def test_what_is_no_command_or_setting_would_be_found() -> None:
    assert not is_setting("DECKCAST_STORAGE__ENDPIONT")
    for words in (["sreve"], ["serve", "--no-wroker"], ["db", "upgarde"], ["worker", "now"]):
        with pytest.raises(Exception, match=r"No such|unexpected"):
            is_command(words)


def test_the_compose_file_keeps_to_the_specification() -> None:
    read = PyCompose.from_yaml(yaml.safe_dump(COMPOSE))  # which has the anchors in their places
    assert set(read.service_names()) == set(SERVICES)


@pytest.mark.parametrize("wrong", [{"restrat": "no"}, {"restart": "sometimes"}, {"pids_limit": "many"}])
def test_what_the_specification_does_not_know_would_be_found(wrong: dict[str, Any]) -> None:
    services = {**SERVICES, "server": {**SERVICES["server"], **wrong}}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PyCompose.from_yaml(yaml.safe_dump({**COMPOSE, "services": services}))


def test_every_image_is_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += [container["image"] for _, _, container in containers()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    assert len(images) > 15
    tags = {image: image.rpartition("/")[2].partition(":")[2] for image in images}
    assert {image for image, tag in tags.items() if not re.search(r"\d", tag)} == set()


def test_the_converter_has_no_network_and_no_secrets() -> None:
    converter = SERVICES["converter"]
    assert (converter["network_mode"], converter["read_only"]) == ("none", True)
    assert set(converter["environment"]) == {"DECKCAST_DECKS__CONVERTER_DIR", "DECKCAST_DATA_DIR"}
    assert converter["volumes"] == ["spool:/spool"]
    ((_, pod, container),) = [each for each in containers() if each[0] == "deckcast-converter"]
    assert "envFrom" not in container
    assert pod["automountServiceAccountToken"] is False
    (policy,) = [each for each in MANIFESTS if each["kind"] == "NetworkPolicy"]
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert {"ingress", "egress"} & set(policy["spec"]) == set()
    assert policy["spec"]["podSelector"]["matchLabels"]["part"] == "converter"


def test_whoever_reads_decks_by_a_converter_shares_its_folder() -> None:
    long_lived = [each for each in OURS.values() if each["command"][0] in ("serve", "worker")]
    assert len(long_lived) == 3
    for service in long_lived:
        assert service["environment"]["DECKCAST_DECKS__CONVERTER_DIR"] == "/spool"
        assert "spool:/spool" in service["volumes"]


def test_there_are_two_workers_that_have_time_to_end() -> None:
    workers = [each for each in OURS.values() if each["command"] == ["worker"]]
    assert len(workers) == 2
    assert workers[0]["volumes"][0] != workers[1]["volumes"][0]
    for worker in workers:
        assert int(worker["stop_grace_period"].removesuffix("s")) > DRAIN_S


def test_no_password_stands_in_a_file() -> None:
    example = (DEPLOY / "example.env").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?\}", (ROOT / "compose.yaml").read_text()))
    assert wanted == set(re.findall(r"^([A-Z_]+)=$", example, re.M))
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|API_KEY$", name):
                assert value is None or value.startswith("${"), name


def test_ports_and_names_agree() -> None:
    server = SERVICES["server"]["command"]
    port = server[server.index("--port") + 1]
    assert SERVICES["server"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"EXPOSE {port}" in dockerfile
    assert f"127.0.0.1:{port}/healthz" in dockerfile
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"][0]["targets"] == [f"server:{port}"]
    settings = SERVICES["server"]["environment"]
    assert settings["DECKCAST_STORAGE__ENDPOINT"] == "http://store:8333"
    assert "-s3.port=8333" in SERVICES["store"]["command"]
    bucket = settings["DECKCAST_STORAGE_URL"].removeprefix("s3://")
    assert f"-name {bucket}'" in SERVICES["bucket"]["command"][0]
    assert "@postgres:5432/" in settings["DECKCAST_DATABASE_URL"]
    for published in (each for service in SERVICES.values() for each in service.get("ports", [])):
        assert published.startswith("127.0.0.1:")


def test_every_volume_file_and_dependency_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []


def test_the_image_is_built_with_all_that_the_build_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    hooks = [hook["path"] for hook in wheel["hooks"].values()]
    named = [project["project"]["readme"], *project["project"]["license-files"]]
    named += [*wheel["packages"], *wheel["force-include"], *hooks]
    assert len(named) > 4
    (stage,) = re.findall(r"^FROM \S+ AS wheel\n(.+?)^FROM", (ROOT / "Dockerfile").read_text(), re.M | re.S)
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", stage, re.M) for name in line.split()]
    assert [path for path in named if not is_below(path, copied)] == []
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.M)
    assert [path for path in copied if not is_below(path, let_in)] == []


def test_the_pages_packages_are_installed_by_a_command_that_takes_our_lock_file() -> None:
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    locked = {place.rpartition("node_modules/")[2] for place in packages}
    named = {name for each in packages.values() for name in each.get("optionalDependencies", {})}
    assert named <= locked or "RUN npm install --no-save " in (ROOT / "Dockerfile").read_text()


def test_the_image_has_the_locks_versions_of_its_python() -> None:
    lock = ROOT / "requirements.lock"
    (script,) = re.findall(r"sed -nE '(.+?)' requirements\.lock", (ROOT / "Dockerfile").read_text())
    made = subprocess.run(["sed", "-nE", script, str(lock)], capture_output=True, text=True, check=True)
    constraints = [Requirement(line) for line in made.stdout.splitlines()]
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.M)
    assert [each.name for each in constraints] == locked
    apply = [each.name for each in constraints if each.marker is None or each.marker.evaluate()]
    assert len(apply) == len(set(apply)) < len(locked)


def is_below(path: str, places: list[str]) -> bool:
    """Whether a path is one of these places, or lies in one."""
    return any(Path(path).is_relative_to(place) for place in places)


def test_the_images_packages_are_those_of_the_set_up() -> None:
    (listed,) = re.findall(r"runtime_packages=\((.+?)\)", (ROOT / "scripts/setup.sh").read_text(), re.S)
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert [name for name in listed.split() if not re.search(rf"\s{name}\s", dockerfile)] == []
    assert re.search(r"^USER 10001", dockerfile, re.M)
    assert not re.search(r"^(ENV|ARG).*(KEY|TOKEN|PASSWORD|SECRET)", dockerfile, re.M)


@pytest.mark.parametrize(("name", "pod", "container"), list(containers()), ids=lambda each: str(each)[:20])
def test_a_container_runs_a_real_command_as_nobody(
    name: str, pod: dict[str, Any], container: dict[str, Any]
) -> None:
    assert is_command(container["args"])
    assert [each["name"] for each in container.get("env", []) if not is_setting(each["name"])] == []
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == container["securityContext"] | {"allowPrivilegeEscalation": False}
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_the_manifests_fit_together() -> None:
    kinds = {(each["kind"], each["metadata"]["name"]): each for each in MANIFESTS}
    (config,) = [each for each in MANIFESTS if each["kind"] == "ConfigMap"]
    assert [name for name in config["data"] if not is_setting(name)] == []
    for name in ("server", "worker", "converter"):
        deployment = kinds["Deployment", f"deckcast-{name}"]["spec"]
        labels = deployment["template"]["metadata"]["labels"]
        assert deployment["selector"]["matchLabels"] == labels == {"app": "deckcast", "part": name}
    worker = kinds["Deployment", "deckcast-worker"]["spec"]["template"]["spec"]
    assert worker["terminationGracePeriodSeconds"] > DRAIN_S
    server = kinds["Deployment", "deckcast-server"]["spec"]["template"]["spec"]["containers"][0]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = server[probe]["httpGet"]
        assert asked["path"] == ("/readyz" if probe == "readinessProbe" else "/healthz")
        assert asked["httpHeaders"] == [{"name": "Host", "value": "localhost"}]
    assert is_command(worker["containers"][0]["readinessProbe"]["exec"]["command"][1:])
    assert {name for kind, name in kinds if kind == "PodDisruptionBudget"} == {
        "deckcast-server",
        "deckcast-worker",
    }
    scaled = kinds["ScaledObject", "deckcast-worker"]["spec"]
    assert scaled["scaleTargetRef"]["name"] == "deckcast-worker"
    assert scaled["minReplicaCount"] >= 1


def queries() -> list[str]:
    board = json.loads((DEPLOY / "grafana/dashboards/deckcast.json").read_text())
    found = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    (scaled,) = [each for each in MANIFESTS if each["kind"] == "ScaledObject"]
    return [*found, *(trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"])]


def test_dashboard_and_autoscaling_ask_only_for_metrics_that_there_are() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    known = set(METRIC.findall(page))
    used = {name.removesuffix("_bucket") for query in queries() for name in METRIC.findall(query)}
    assert len(used) > 15
    assert used - known == set()


def test_the_dashboard_is_provisioned_with_its_source() -> None:
    board = json.loads((DEPLOY / "grafana/dashboards/deckcast.json").read_text())
    sources = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())
    uids = {source["uid"] for source in sources["datasources"]}
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == uids
    places = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/deckcast.yml").read_text())
    folder = places["providers"][0]["options"]["path"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in SERVICES["grafana"]["volumes"]
    boxes = [panel["gridPos"] for panel in board["panels"]]
    cells = [
        (x, y) for b in boxes for x in range(b["x"], b["x"] + b["w"]) for y in range(b["y"], b["y"] + b["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_prometheus_takes_its_file_and_every_query(tmp_path: Path) -> None:
    promtool = shutil.which("promtool") or shutil.which("promtool", path=str(ROOT / ".tools"))
    if promtool is None:
        missing("promtool is not there: run the set-up with --tests")
        return
    shutil.copy(DEPLOY / "alerts.yml", tmp_path)
    config = (
        (DEPLOY / "prometheus.yml").read_text().replace("/run/secrets/metrics_token", str(tmp_path / "token"))
    )
    (tmp_path / "token").write_text("t")
    (tmp_path / "prometheus.yml").write_text(config)
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(queries())]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    for what in (["config", "prometheus.yml"], ["rules", "queries.yml"]):
        checked = subprocess.run(
            [promtool, "check", *what], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
