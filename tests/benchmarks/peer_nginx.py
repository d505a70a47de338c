"""nginx as a plain proxy with kept connections: it checks and counts nothing, the floor of what a proxy costs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded.redis_server import free_port
from tests.benchmarks.folder import BENCH, log_of
from tests.benchmarks.processes import program
from tests.benchmarks.target import CannotRun, Target

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    upstream model {{ server 127.0.0.1:{model_port}; keepalive 512; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        }}
    }}
}}
"""


@contextmanager
def nginx(model_port: int) -> Iterator[Target]:
    path = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if path is None:
        raise CannotRun("nginx is not installed: apt-get install nginx-light")
    folder = BENCH / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, model_port=model_port, port=port))
    with program([path, "-p", folder, "-c", file], port=port, log=log_of("nginx")) as running:
        yield Target("nginx", port, running=running)
