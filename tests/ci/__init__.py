"""`bin/ci`: every gate and every test, the same for people and for the machine that checks a push."""
