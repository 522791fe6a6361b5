"""Queues of background work. A worker takes one job after another, so what takes minutes has a queue and a worker of its own."""

ORDINARY = "default"  # seconds: notices, files, what a page waits for
LONG = "long"  # minutes: computing. A job here must bear being cut off at any point and run again
EVERY = (ORDINARY, LONG)
