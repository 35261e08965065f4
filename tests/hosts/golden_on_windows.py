"""Run under wine by `test_directml_under_wine`: our own runtime on every model of a folder.

Arguments: the folders of the core, the model store and the weights, and a folder for the results.
"""

import json
import sys
from functools import partial
from pathlib import Path

core, store, weights, results = map(Path, sys.argv[1:])
sys.path[:0] = [str(core), str(store)]

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

from softlight import doctor  # noqa: E402
from softlight.runtime import Runtime  # noqa: E402
from softlight.runtime.self_check import PassedChecks, read_golden  # noqa: E402
from softlight_models.bundled import BundledModels  # noqa: E402

models = BundledModels(weights)
make_runtime = partial(Runtime, passed_checks=PassedChecks(results / "self-checks.json"))
report = doctor.report_json(doctor.examine("directml", models, make_runtime))
report["available"] = onnxruntime.get_available_providers()

runtime = make_runtime("auto", models=models)
for role in (model["role"] for model in report["models"] if model["problem"] is None):
    golden = read_golden(models.golden_bytes(role))
    outputs = runtime.session(role).run(**golden.inputs)
    np.savez(results / f"{role}.npz", **outputs)

(results / "report.json").write_text(json.dumps(report), encoding="utf-8")
print(doctor.report_text(doctor.examine("auto", models, make_runtime)))
