"""``softlight doctor [--report FILE]``: what Softlight runs on, and whether each of its models works here."""

from __future__ import annotations

import argparse
from dataclasses import replace

from softlight.cli.console import Console
from softlight.engine.settings import read_settings, settings_path
from softlight_bridge import places


def run(options: argparse.Namespace, console: Console) -> int:
    """Run the command and return its exit status: that of a model's failure when one does not work."""
    console.progress(0.0, "trying every model")
    if options.report is not None:
        return _write_report(options, console)

    from softlight import doctor

    report = doctor.examine(options.provider)
    # What the plug-ins' engine reads and writes; a mistake in its settings is told here, beside the log.
    paths = {**report.paths, "settings": str(settings_path()), "log": places.log_path()}
    _, complaint = read_settings(settings_path())
    report = replace(report, paths=paths, notes=(*report.notes, complaint) if complaint else report.notes)
    console.result(doctor.report_json(report), doctor.report_text(report).splitlines())
    return report.exit_code


def _write_report(options: argparse.Namespace, console: Console) -> int:
    """Write the file for a bug report, which says nothing of the user."""
    from softlight import bug_report
    from softlight.cli.targets import check_place
    from softlight.files.atomic import replacing

    check_place(options.report, ())
    reports = bug_report.every_device(progress=console.progress)
    text = bug_report.text_of(reports)
    with replacing(options.report) as file:
        file.write(text.encode("utf-8"))
    devices = list(reports)
    console.result({"report": str(options.report), "devices": devices}, [str(options.report)])
    return max(report.exit_code for report in reports.values())
