"""PostgreSQL and Redis from wheels, for machines where neither is installed.

Each server is described by an object (`Postgres`, `RedisServer`) that prepares its folder and tells the command
line; `running` starts one for a `with` block, and the process manager of `make run` starts them as two more children.
"""
