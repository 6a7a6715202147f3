"""Loaded into pytest: reports modules that came from the main checkout instead of the worktree.

It only looks, at the end of a session, so that it cannot change how tests run.
"""

import json
import os
import sys


def _real(path):
    try:
        return os.path.realpath(path)
    except (OSError, TypeError, ValueError):
        return ""


def _inside(folder, path):
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _report(entry):
    report = os.environ.get("CALM_GUARD_REPORT")
    if report:
        with open(report, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _places(module):
    names = [getattr(module, "__file__", None)]
    try:
        names.extend(getattr(module, "__path__", ()))
    except TypeError:
        pass
    return [_real(name) for name in names if isinstance(name, str)]


def _foreign(main, worktree):
    # Installed packages may be shared with the main checkout, the project's own code may not.
    allowed = [_real(os.path.dirname(os.path.dirname(__file__)))]
    allowed += [folder for folder in {_real(sys.prefix), _real(sys.base_prefix)} if folder != main]
    installed = {"site-packages", "dist-packages"}
    seen = set()
    for module in list(sys.modules.values()):
        for place in _places(module):
            if place in seen or not _inside(main, place) or _inside(worktree, place):
                continue
            seen.add(place)
            if installed.intersection(place.split(os.sep)):
                continue
            if not any(_inside(folder, place) for folder in allowed):
                yield place


def pytest_configure(config):
    _report({"started": "pytest"})


def pytest_unconfigure(config):
    main = os.environ.get("CALM_GUARD_MAIN")
    worktree = os.environ.get("CALM_GUARD_WORKTREE")
    if not main or not worktree:
        return
    for place in sorted(_foreign(_real(main), _real(worktree))):
        _report({"file": place, "optional": False})
