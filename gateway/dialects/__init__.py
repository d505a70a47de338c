"""One file for each wire format that clients speak; `dialect.py` lists what each must answer."""
