#!/usr/bin/env python3
"""Compares the histograms of a load run with what another implementation of HdrHistogram reads from them.

    pip install hdrhistogram
    .ci/check_histograms.py DIR

For each tag of run.hlog: the seconds, decoded and added by the package, against the percentiles, maximum, mean and sample
count in summary.json and against every line of <tag>.hgrm. Exits with 1 on any difference.

The package rounds the rank of a percentile to the nearest sample, this program rounds it up. Each comparison therefore asks the
package for the percentile of that very rank.
"""

import json
import math
import pathlib
import re
import sys

from hdrh.histogram import HdrHistogram

QUANTILES = {"p50_ns": "0.5", "p90_ns": "0.9", "p99_ns": "0.99", "p99_9_ns": "0.999", "p99_99_ns": "0.9999"}


def seconds_of(path):
    """Histograms by tag, seconds added, and the number of lines."""
    sums, lines = {}, 0
    for line in path.read_text().splitlines():
        if line.startswith(("#", '"')):
            continue
        tag, _start, _length, _max, payload = line.split(",")
        if not tag.startswith("Tag="):
            raise SystemExit(f"{path}: a line without a tag")
        lines += 1
        tag = tag.removeprefix("Tag=")
        if tag in sums:
            sums[tag].decode_and_add(payload)
        else:
            sums[tag] = HdrHistogram.decode(payload)
    return sums, lines


def at_rank(histogram, rank):
    """Value of the sample at a rank, by the package's own percentile."""
    return histogram.get_value_at_percentile(100.0 * rank / histogram.get_total_count())


def rank_of(quantile, samples):
    """The rank, rounded up, with exact arithmetic of decimals."""
    digits = len(quantile.split(".")[1])
    return max(1, -(-int(quantile.replace(".", "")) * samples // 10**digits))


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    home = pathlib.Path(sys.argv[1])
    summary = json.loads((home / "summary.json").read_text())
    sums, lines = seconds_of(home / "run.hlog")
    totals, _ = seconds_of(home / "totals.hlog")
    wrong, compared = [], 0

    def check(what, found, stated):
        nonlocal compared
        compared += 1
        if found != stated:
            wrong.append(f"{what}: the package reads {found}, stated is {stated}")

    for tag, stated in summary["operations"].items():
        latency = stated["latency"]
        if latency["samples"] == 0:
            continue
        histogram = totals[tag] if tag == "all" else sums[tag]
        samples = histogram.get_total_count()
        check(f"{tag} samples", samples, latency["samples"])
        check(f"{tag} samples in totals.hlog", totals[tag].get_total_count(), samples)
        check(f"{tag} max", histogram.get_max_value(), latency["max_ns"])
        mean = latency["mean_ns"]
        if not math.isclose(histogram.get_mean_value(), mean, rel_tol=1e-3):
            check(f"{tag} mean", histogram.get_mean_value(), mean)
        for key, quantile in QUANTILES.items():
            if latency[key] is not None:
                check(f"{tag} {key}", at_rank(histogram, rank_of(quantile, samples)), latency[key])
        rows = 0
        for line in (home / f"{tag}.hgrm").read_text().splitlines():
            row = re.fullmatch(r"\s*([\d.]+) ([\d.]+)\s+(\d+)(?:\s+([\d.]+))?", line)
            if row is None:
                continue
            rows += 1
            value, percentile, rank = float(row[1]), float(row[2]), int(row[3])
            check(f"{tag}.hgrm line at {percentile}", f"{at_rank(histogram, rank) / 1e6:.3f}", f"{value:.3f}")
            if rank < percentile * samples * (1 - 1e-9):
                wrong.append(f"{tag}.hgrm: {rank} of {samples} samples are no {percentile}")
        if rows < 2:
            wrong.append(f"{tag}.hgrm: {rows} rows")
        shown = ", ".join(f"{k.removesuffix('_ns')} {latency[k]}" for k in QUANTILES if latency[k] is not None)
        print(f"{tag}: {samples} samples, {shown or 'too few for percentiles'}; {rows} rows of {tag}.hgrm")
    missing = set(sums) - set(summary["operations"])
    if missing:
        wrong.append(f"tags without a summary: {sorted(missing)}")
    print(f"{lines} lines of run.hlog decoded, {compared} values compared, {len(wrong)} differences")
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong or compared == 0 else 0)


if __name__ == "__main__":
    main()
