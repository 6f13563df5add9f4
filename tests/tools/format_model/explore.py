"""The harness: run a workload, crash it after every disk operation in many ways, start again, ask the oracle."""
import collections

from .crypto import H
from .judge import look
from .layout import Damage, header_of
from .startup import all_covered, start


class Result:
    def __init__(self, name):
        self.name, self.states, self.violations, self.kinds = name, 0, collections.Counter(), collections.Counter()

    def bad(self, why):
        self.violations[why] += 1

    def __str__(self):
        kinds = " ".join(f"{k}={v}" for k, v in sorted(self.kinds.items()))
        bad = "; ".join(f"{v}x {k}" for k, v in self.violations.most_common(3))
        return f"{self.name:46s} states {self.states:6d}  {kinds:30s} violations {sum(self.violations.values())}" + (
            f"  [{bad}]" if bad else "")


def record(machine, workload):
    """Runs the workload and returns (operation, disk, ledger) after every disk operation in it."""
    moments = [("before", machine.disk.clone(), machine.ledger.mark())]
    machine.disk.hook = lambda what: moments.append((what, machine.disk.clone(), machine.ledger.mark()))
    try:
        workload()
    finally:
        machine.disk.hook = None
    moments.append(("after", machine.disk.clone(), machine.ledger.mark()))
    return moments


def readable_texts(m, frames, orders, ledger):
    """What is wrong with the texts after a start: lost ones, and erased ones that are still somewhere."""
    for f in frames:
        for i, descriptor in enumerate(f.bodies):
            text, secret = ledger.texts[H(descriptor[3])]
            if (f.seq, i) in orders:
                if m.disk.remnant(secret):
                    yield "the secret of an erased text is still on the disk"
            elif m.read_body(f, i) != text:
                yield "a text nobody erased is gone"


def check_start(result, disk, ledger, rules, keys, where=""):
    """Starts on `disk` and compares with what callers were promised. Returns the machine, or None."""
    result.states += 1
    try:
        m = start(disk, rules, keys)
    except Damage as e:
        result.bad(f"false damage: {str(e)[:60]}{where}")
        return None
    except Exception as e:                                # a start that dies is a violation too
        result.bad(f"the start failed: {e!r:.60}{where}")
        return None
    result.kinds[m.status] += 1
    m.ledger.texts = ledger.texts
    same = 0
    while same < min(len(m.headers), len(ledger.submitted)) and m.headers[same] == ledger.submitted[same]:
        same += 1
    if same < ledger.acked:
        result.bad("an acknowledged entry is gone" + where)
    if any(header_of(h)[0][7] != "kernel.erased" for h in m.headers[same:]):   # what the start itself reports done
        result.bad("an entry nobody submitted" + where)
    frames, _, problems = look(m.disk, rules, keys)
    if problems:
        result.bad("verify: " + "".join(c for c in problems[0] if not c.isdigit())[:60] + where)
    for why in set(readable_texts(m, frames, all_covered(frames, rules), ledger)):
        result.bad(why + where)
    return m


def check_again(result, m, ledger, rules, keys):
    """A second start must change nothing."""
    before = m.disk.image()
    try:
        again = start(m.disk, rules, keys)
    except Damage as e:
        return result.bad(f"the second start stops: {str(e)[:50]}")
    if again.status != "clean" or again.headers != m.headers:
        result.bad("the second start is not clean")
    elif again.disk.image() != before:
        result.bad("the second start changes files")


def explore(result, moments, rules, keys, rnd, per_moment, nested=1, raw=None, more=None):
    """Crashes every moment in `per_moment` ways. `raw` looks at a state before its start; `more` at the running
    machine after it; `nested` states per moment are crashed again inside their recovery."""
    for n, (what, disk, ledger) in enumerate(moments):
        states = list(disk.states(rnd, per_moment)) + [disk.clone()]      # the last one: killed, not powered off
        for k, state in enumerate(states):
            if raw:
                raw(result, state, ledger)
            if k == len(states) - 1 or k in rnd.sample(range(len(states)), min(nested, len(states))):
                crash_in_recovery(result, state.clone(), ledger, rules, keys, rnd)
            m = check_start(result, state, ledger, rules, keys)
            if m and k % 4 == 0:
                check_again(result, m, ledger, rules, keys)
            if m and more:
                more(result, m, ledger, rnd)


def crash_in_recovery(result, disk, ledger, rules, keys, rnd):
    inner = []
    disk.hook = lambda what: inner.append(disk.clone())
    try:
        start(disk, rules, keys)
    except Exception:
        return                                            # counted by the plain run of the same state
    for moment in rnd.sample(inner, min(3, len(inner))):
        for state in moment.states(rnd, 2):
            check_start(result, state, ledger, rules, keys, " (crash in recovery)")
