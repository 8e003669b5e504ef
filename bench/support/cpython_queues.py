"""Measures queues of CPython; prints one line of JSON."""
import asyncio
import json
import queue
import random
import sys
import time
from statistics import median


def timed(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def typical(run, times):
    return median(timed(run) for _ in range(times))


def passing(make, passes):
    each = make()

    def run():
        for i in range(passes):
            each.put(i)
            assert each.get() == i

    return typical(run, 5) / passes


def passing_async(passes):
    async def run():
        each = asyncio.Queue()
        for i in range(passes):
            await each.put(i)
            assert await each.get() == i

    return typical(lambda: asyncio.run(run()), 5) / passes


def ordering(size):
    def run():
        each = queue.PriorityQueue()
        for _ in range(size):
            each.put(random.randrange(2**30))
        last = -1
        for _ in range(size):
            item = each.get()
            assert item >= last
            last = item

    return typical(run, 3) / size


if __name__ == "__main__":
    passes, *sizes = map(int, sys.argv[1:])
    print(json.dumps({
        "passing": {
            "queue.Queue": passing(queue.Queue, passes),
            "queue.LifoQueue": passing(queue.LifoQueue, passes),
            "queue.PriorityQueue": passing(queue.PriorityQueue, passes),
            "queue.SimpleQueue": passing(queue.SimpleQueue, passes),
            "asyncio.Queue": passing_async(passes),
        },
        "ordering": {f"queue.PriorityQueue {size}": ordering(size) for size in sizes},
    }))
