"""Servers that benchmarks talk to: on loopback, on a free port, ended by pid."""
import os
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
import time

BODY = '{"status":"succeeded","id":"pay_0123456789","amount":1999,"n":42}\n'  # with its line break: 67 bytes
CONFIG = """
daemon off; worker_processes 1; worker_cpu_affinity {mask}; pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  {tls}
  server {{ listen 127.0.0.1:{port} {ssl} backlog=4096; location / {{ default_type application/json; return 200 '{body}'; }} }}
}}
"""


class Certificate:
    """An authority and a certificate for 127.0.0.1, made by squall-shop."""

    def __init__(self, bin_directory, directory):
        subprocess.run([os.path.join(bin_directory, "squall-shop"), "certificate", "--directory", directory], check=True)
        self.ca = os.path.join(directory, "ca.pem")
        self.certificate = os.path.join(directory, "certificate.pem")
        self.key = os.path.join(directory, "key.pem")

    def nginx(self):
        return f"ssl_certificate {self.certificate}; ssl_certificate_key {self.key};"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Nginx:
    """One worker, keep-alive, a small JSON body, pinned to one core; behind TLS with a certificate."""

    def __init__(self, directory, core, certificate=None, http2=False):
        self.port = free_port()
        self.certificate = certificate
        self.http2 = http2
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        # What a plan's target says beside the address.
        self.target_keys = f'tls = {{ ca = "{certificate.ca}" }}' if certificate else ""
        self.directory = directory
        self.core = core

    def __enter__(self):
        path = os.path.join(self.directory, "nginx.conf")
        mask = "".join("1" if i == self.core else "0" for i in reversed(range(max(2, os.cpu_count() or 1))))
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(dir=self.directory, port=self.port, mask=mask, body=BODY.strip(),
                                     tls=self.certificate.nginx() if self.certificate else "",
                                     ssl=("ssl" if self.certificate else "") + (" http2" if self.http2 else "")))
        context = ssl.create_default_context(cafile=self.certificate.ca) if self.certificate else None
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.directory, "-c", path])
        deadline = time.monotonic() + 10
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=1, context=context).read()
                return self
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError(f"nginx did not start: see {self.directory}/error.log") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
