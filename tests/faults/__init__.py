"""Real processes, killed at random instants under load; afterwards every promise about usage and money is checked.

`make faults SEED=… ROUNDS=…`; the tests here run a hundred rounds, and show that the checker finds what is planted.
"""
