"""The payment provider. The only package that imports `stripe`.

Stripe moves the money; usage, price, credit and invoice are ours. Each change there is preceded by an intent that is
committed here (`calls`), each thing learnt from there is fetched under the organization's lock (`locks`) and moves our
state forward only. `docs/algorithms/payments.md` says how, and why nothing is billed twice.
"""
