"""`python -m tests.faults --seed … --rounds …`: start everything, break it again and again, and say what was found."""

import argparse
import asyncio
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.product import Product, product_in, running
from tests.faults.summary import Summary


def main() -> int:
    options = _parser().parse_args()
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="tollway-faults-")).resolve()
    folder.chmod(0o711)  # PostgreSQL's account must be able to pass.
    summary = asyncio.run(_run(folder, seed=seed, first=options.first, rounds=options.rounds))
    print(summary.table(), flush=True)
    if summary.has_failed:
        print(f"The logs are in {folder}.", flush=True)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _run(folder: Path, *, seed: int, first: int, rounds: int) -> Summary:
    product, postgres = product_in(folder)
    product.postgres.start()
    product.redis.start()
    try:
        await product.postgres.until_ready()
        await product.redis.until_ready()
        postgres.create_database()
        _migrate()
        return await _rounds(product, Summary(seed, first, rounds))
    finally:
        for process in (*product.product_processes, *product.others, product.redis, product.postgres):
            process.go_on()
            process.kill()


def _migrate() -> None:
    subprocess.run([sys.executable, "manage.py", "migrate", "--skip-checks", "-v0"], check=True)


async def _rounds(product: Product, summary: Summary) -> Summary:
    # Django reads the environment that `product_in` has set.
    import django

    django.setup()
    from tests.faults.many_rounds import many_rounds

    async with running(product):
        await many_rounds(product, summary)
    return summary


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="decides every action and its instant; one is chosen without it")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first round, to repeat a later one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
