# The site and its worker are one image; docs/deploy.md says how it is run.
FROM python:3.13-slim AS packages
COPY requirements.txt .
# Every package is a wheel whose hash is in the lock: nothing is compiled, so no compiler is needed.
RUN python -m venv /opt/packages \
    && /opt/packages/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.13-slim
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WEB_HOST=0.0.0.0 \
    PORT=8000 \
    STATIC_ROOT=/opt/static \
    VAR_DIR=/var/lib/crampinfo
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin crampinfo \
    && install -d -o crampinfo -g crampinfo /var/lib/crampinfo
WORKDIR /opt/crampinfo
COPY --from=packages /opt/packages /opt/packages
COPY . .
# The static files are the same for every site; no secret is needed to collect them, and none stays in the image.
RUN python -m compileall -q crampinfo products reviews articles scripts \
    && VAR_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/build
USER crampinfo
VOLUME /var/lib/crampinfo
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "scripts.health"]
CMD ["python", "-m", "gunicorn", "--config", "deploy/gunicorn.py"]
