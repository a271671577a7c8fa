"""How gunicorn serves CrampInfo; docs/deploy.md lists the variables."""

import gc
import os

wsgi_app = "crampinfo.wsgi"
bind = f"{os.environ.get('WEB_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"

# Pages wait for the database more than they compute: threads answer while others wait.
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# One import for all workers: they start sooner and share its memory.
preload_app = True


def pre_fork(server: object, worker: object) -> None:
    """Leave what is loaded so far out of garbage collection: looking at it would copy it into each worker."""
    gc.collect()
    gc.freeze()


# A heartbeat file on a slow disk makes gunicorn think that a worker hangs.
_memory = "/dev/shm"  # noqa: S108 -- gunicorn makes a file of its own in it, unreadable to others
worker_tmp_dir = _memory if os.path.isdir(_memory) else None
timeout = 30
graceful_timeout = 8
# Longer than the proxy keeps its connections, so that it never sends a request into a closed one.
keepalive = 75
# A worker is replaced now and then; a slow leak in some library then never matters.
max_requests = 20_000
max_requests_jitter = 2_000

# No reader is logged: no address, no user agent, no page.
accesslog = None
errorlog = "-"
loglevel = "warning"
# Nothing here controls a running server through a socket in somebody's home directory.
control_socket_disable = True
