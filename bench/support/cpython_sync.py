"""Measures locks, threads and processes of CPython; prints one line of JSON."""
import asyncio
import json
import multiprocessing
import sys
import threading
import time
from statistics import median


def timed(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def typical(run, times):
    return median(timed(run) for _ in range(times))


def nothing():
    pass


def locks(passes, waiters, permits):
    def row(lock):
        def run():
            for _ in range(passes):
                lock.acquire()
                lock.release()

        return typical(run, 7) / passes

    entered = 0

    async def visit(semaphore):
        nonlocal entered
        async with semaphore:
            entered += 1

    async def crowd():
        semaphore = asyncio.Semaphore(permits)
        await asyncio.gather(*(visit(semaphore) for _ in range(waiters)))

    async def passes_async():
        semaphore = asyncio.Semaphore(1)
        for _ in range(passes):
            await semaphore.acquire()
            semaphore.release()

    crowded = typical(lambda: asyncio.run(crowd()), 3) / waiters
    assert entered == 3 * waiters
    return {
        "lock": row(threading.Lock()),
        "semaphore": row(threading.Semaphore()),
        "asyncio": typical(lambda: asyncio.run(passes_async()), 7) / passes,
        "crowd": crowded,
    }


def start(threads, processes):
    def run(make, count):
        def once():
            alive = [make(target=nothing) for _ in range(count)]
            for each in alive:
                each.start()
            for each in alive:
                each.join()

        return typical(once, 3)

    return {
        "threads": run(threading.Thread, threads),
        "processes": run(multiprocessing.Process, processes),
    }


if __name__ == "__main__":
    what, *counts = sys.argv[1:]
    print(json.dumps({"locks": locks, "start": start}[what](*map(int, counts))))
