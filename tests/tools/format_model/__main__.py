"""python3 -m format_model [--quick]: all scenes under the page's rules, then the wrong orders, all of them in both.
A quick run tries fewer seeds of the scenes. Exit code 1 if a scene shows a violation or a wrong order goes
unnoticed. Seeds are fixed: two runs see the same states."""
import sys, time

from . import epochs, scenes, wrong
from .explore import Result
from .rules import GOOD

# scene, seeds in a full run, seeds in a quick one, states per moment in each
PLAN = [(scenes.groups, 60, 6, 24, 8), (scenes.damage, 60, 9, 40, 12), (scenes.sealing, 12, 2, 12, 4),
        (scenes.erasure, 8, 1, 10, 2), (scenes.spoiled, 8, 2, 1, 1), (scenes.blobs, 16, 2, 10, 3),
        (epochs.epochs, 8, 2, 5, 1)]


def main():
    quick = "--quick" in sys.argv[1:]
    begun, fine, states = time.time(), True, 0
    for scene, full, few, per_full, per_few in PLAN:
        result = Result(scene.__name__)
        for seed in range(few if quick else full):
            scene(GOOD, seed, per_few if quick else per_full, result)
        print(result, flush=True)
        fine &= not result.violations
        states += result.states
    caught = wrong.run(lambda line: print(line, flush=True))
    verdict = "ok" if fine and caught else "failed"
    orders = f", {len(wrong.ORDERS)} wrong orders {'all caught' if caught else 'NOT all caught'}"
    print(f"{verdict}: {states} states{orders}, {time.time() - begun:.0f} s")
    return 0 if fine and caught else 1


if __name__ == "__main__":
    sys.exit(main())
