"""How many descriptions a second are judged: ``python tests/benchmarks/schemas/validate.py [COUNT]``.

Prints one JSON line per measurement: the median of five rounds, in seconds of this process on the processor. Nothing is
asserted: machines differ.
"""

import json
import statistics
import sys
import time

from schemas import complete, examples, validate, without_empty
from schemas.json_schema import validator


def measured(work, records, rounds=5):
    """Records a second, the median of the rounds."""
    found = []
    for _ in range(rounds):
        started = time.process_time()
        for record in records:
            work(record)
        found.append(len(records) / (time.process_time() - started))
    return round(statistics.median(found))


def main(count):
    """Measure over records with about forty fields each."""
    records = [examples.stored(number) for number in range(count)]
    lean = [without_empty(record) for record in records]
    schema = validator()
    fields = statistics.mean(len(record) + len(record["internal"]) for record in records)
    for name, work, given in (
        ("validate", validate, records),
        ("complete and validate", lambda record: validate(complete(record).dataset), records),
        ("JSON Schema", schema.is_valid, lean[: max(1, count // 20)]),
    ):
        found = {"what": name, "records": len(given), "fields": round(fields), "per_second": measured(work, given)}
        print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
