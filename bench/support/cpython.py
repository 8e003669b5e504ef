"""Makes the same three measurements with CPython's ProcessPoolExecutor; prints one line of JSON."""
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from statistics import median


def add(a, b):
    return a + b


def echo(data):
    return data


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def repeat(run, budget, least):
    samples = []
    until = time.perf_counter() + budget
    while len(samples) < least or time.perf_counter() < until:
        samples.append(timed(run))
    return median(samples)


def main():
    workers, in_flight, size, budget = (int(text) for text in sys.argv[1:5])
    budget /= 1000
    data = bytes((i * 31 + (i >> 8)) & 255 for i in range(size))
    with ProcessPoolExecutor(workers) as pool:

        def flood():
            total = sum(f.result() for f in [pool.submit(add, i, 1) for i in range(in_flight)])
            assert total == in_flight * (in_flight + 1) // 2

        assert pool.submit(echo, data).result() == data
        for _ in range(100):
            pool.submit(add, 1, 2).result()
        print(json.dumps({
            "throughput": in_flight / repeat(flood, budget, 1),
            "latency": repeat(lambda: pool.submit(add, 1, 2).result(), budget, 50) * 1e6,
            "echo": repeat(lambda: pool.submit(echo, data).result(), budget, 5) * 1e3,
        }))


if __name__ == "__main__":
    main()
