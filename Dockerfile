# Two stages: packages are installed in the first; the second has neither pip nor caches and runs as nobody in particular.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/portal \
    && /opt/portal/bin/python -m pip install --no-cache-dir --no-compile --disable-pip-version-check \
        -r /tmp/requirements.txt \
    && /opt/portal/bin/python -m pip uninstall -q -y pip setuptools \
    && find /opt/portal -depth -type d \( -name __pycache__ -o -name tests \) -not -path '*/django/*' -exec rm -rf {} +

FROM python:3.11-slim-bookworm
RUN python -m pip uninstall -q -y --root-user-action=ignore wheel setuptools pip \
    && groupadd --gid 10001 portal \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin portal
COPY --from=packages /opt/portal /opt/portal
WORKDIR /srv/portal
COPY manage.py ./
COPY avatars avatars
COPY heygen_portal heygen_portal
COPY templates templates
COPY static static
ENV PATH=/opt/portal/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data \
    STATIC_ROOT=/srv/static
# Collected while we are still root: afterwards nothing but /data can be written.
RUN SECRET_KEY=only-for-this-step DATA_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build \
    && install -d -o 10001 -g 10001 -m 0750 /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
# One part a container: the worker runs the same image with `up --only worker`. Without --only, all parts run in one.
CMD ["python", "manage.py", "up", "--only", "web"]
