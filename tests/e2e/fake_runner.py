#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A runner of the protocol in docs/BENCHMARKS.md that measures nothing and misbehaves on request.

It reads the file <its own path>.json:

    runner     its name
    systems    as `list` answers them
    metrics    workload -> metrics; any other workload gets {"ns": 1}
    behaviour  list of [words, what]: the first entry all of whose words are in the request decides.
               what: "wrong", "wrong later" (from the third time on), "unsupported", "die", "hang",
               "nonsense", "negative", "slow", "twice" (two answers at once), "late" (the second a while later),
               "stubborn" (as hang, and it ignores every signal that can be ignored); or metrics
    log        file that gets every request, with the time before it
"""

import json
import os
import signal
import sys
import time


def answer(request, settings, count):
    words = request.split()
    if words[:1] == ["list"]:
        normal = {"runner": settings["runner"], "systems": settings["systems"]}
    else:
        parameters = dict(word.split("=", 1) for word in words[1:])
        metrics = settings.get("metrics", {}).get(parameters["workload"], {"ns": 1.0})
        # A figure that is a list has a value for each time the cell is asked for.
        metrics = {name: value[count % len(value)] if isinstance(value, list) else value
                   for name, value in metrics.items()}
        normal = {"ok": True, "metrics": metrics}
    for wanted, what in settings.get("behaviour", []):
        if not set(wanted) <= set(words):
            continue
        if isinstance(what, dict):
            return {"ok": True, "metrics": what}
        if what == "wrong" or (what == "wrong later" and count >= 2):
            return {"ok": False, "error": "lost 3 of 1000 messages"}
        if what == "unsupported":
            return {"ok": False, "unsupported": "has no such thing"}
        if what == "negative":
            return {"ok": True, "metrics": {"ns": -1}}
        if what == "nonsense":
            return "Hello!"
        if what == "twice":
            return f"{json.dumps(normal)}\n{json.dumps(normal)}"
        if what == "late":
            print(json.dumps(normal), flush=True)
            time.sleep(0.2)
            return normal
        if what == "slow":
            time.sleep(0.5)
        if what == "die":
            print("assertion failed", file=sys.stderr, flush=True)
            os._exit(7)
        if what == "stubborn":
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        if what in ("hang", "stubborn"):
            time.sleep(600)
    return normal


def main():
    with open(os.path.abspath(sys.argv[0]) + ".json", encoding="utf-8") as file:
        settings = json.load(file)
    counts = {}
    for request in sys.stdin:
        request = request.strip()
        if "log" in settings:
            with open(settings["log"], "a", encoding="utf-8") as log:
                log.write(f"{time.monotonic()} {settings['runner']} {request}\n")
        if request == "quit":
            break
        counts[request] = counts.get(request, -1) + 1
        reply = answer(request, settings, counts[request])
        print(reply if isinstance(reply, str) else json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
