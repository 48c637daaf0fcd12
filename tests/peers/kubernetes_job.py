"""Plays controller and kubelet for an indexed Job: kubernetes_job.py MANIFEST FOLDER SQUALL.

Mounted volumes become folders of FOLDER: /plan holds its plan.toml, /results is FOLDER/results.
"""
import os
import re
import subprocess
import sys
import uuid

import yaml


def expanded(text, variables):
    """$(NAME) as the kubelet fills it in: what is not defined stays as it is."""
    return re.sub(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)", lambda m: variables.get(m[1], m[0]), text)


def main():
    manifest, folder, squall = sys.argv[1:]
    with open(manifest, encoding="utf-8") as file:
        job = yaml.safe_load(file)
    spec = job["spec"]
    pod = spec["template"]["spec"]
    container, = pod["containers"]
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job"), "an indexed Job is a batch/v1 Job"
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == spec["parallelism"], "all shards at once"
    assert spec["backoffLimitPerIndex"] == 0 and pod["restartPolicy"] == "Never", "no shard twice"
    assert "backoffLimit" not in spec, "one shard that fails does not end the others"
    assert container["resources"]["requests"] == container["resources"]["limits"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert set(mounts) == {volume["name"] for volume in pod["volumes"]}

    uid = str(uuid.uuid4())
    with open(f"{folder}/uid", "w", encoding="utf-8") as file:
        file.write(uid)
    fields = {"metadata.labels['batch.kubernetes.io/controller-uid']": uid}
    variables = {}
    for entry in container["env"]:
        variables[entry["name"]] = (expanded(entry["value"], variables) if "value" in entry
                                    else fields[entry["valueFrom"]["fieldRef"]["fieldPath"]])
    assert variables["SQUALL_SHARDS"] == str(spec["completions"])
    assert container["command"] == ["squall"]

    pods = []
    for index in range(spec["completions"]):
        seen = {**variables, "JOB_COMPLETION_INDEX": str(index)}
        words = [expanded(word, seen) for word in container["args"]]
        for name, place in mounts.items():
            local = folder if name == "plan" else f"{folder}/{name}"
            words = [re.sub(rf"(^|=){place}(?=/)", rf"\g<1>{local}", word) for word in words]
        assert not any("$(" in word for word in words), words
        pods.append(subprocess.Popen([squall, *words, "--quiet"], env={**os.environ, **seen}))
    codes = [pod.wait(timeout=120) for pod in pods]
    assert codes == [0] * len(pods), codes


main()
