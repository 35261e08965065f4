"""``softlight doctor``: what Softlight runs on, and whether each of its models works here."""

from __future__ import annotations

import argparse

from softlight.cli.console import Console


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status: that of a model's failure when one does not work."""
    console.progress(0.0, "trying every model")

    from softlight import doctor

    report = doctor.examine(options.provider)
    console.result(doctor.report_json(report), doctor.report_text(report).splitlines())
    return report.exit_code
