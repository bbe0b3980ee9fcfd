# The hub as an image: `docker build --tag parcours-hub:local .`
#
# The base is pinned by version; pin it by digest as well where your registry mirror gives one.
FROM python:3.11.14-slim-bookworm AS build

WORKDIR /build
COPY deploy/build.lock deploy/run.lock ./
# Every package by its hash, and as a wheel: nothing of a package runs while the image is built.
RUN python -m venv --without-pip /opt/hub && \
    pip --python /opt/hub/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: --requirement run.lock && \
    python -m venv /build/tools && \
    /build/tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: --requirement build.lock
COPY pyproject.toml README.md LICENCE ./
COPY schemas schemas
COPY hub hub
RUN /build/tools/bin/pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /build/wheels . && \
    pip --python /opt/hub/bin/python install --no-cache-dir --disable-pip-version-check --no-deps --no-index /build/wheels/*.whl


FROM python:3.11.14-slim-bookworm

ARG VERSION=local
LABEL org.opencontainers.image.title="parcours-hub" \
      org.opencontainers.image.description="One continuous pathway for people accompanied by France Travail and Cap emploi" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.version="${VERSION}"

# A fixed number, so that volumes and Kubernetes' runAsNonRoot know it; new volumes take over these folders' owner and mode.
RUN groupadd --gid 10001 hub && \
    useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/hub --shell /usr/sbin/nologin hub && \
    install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/hub /var/lib/hub-key && \
    pip uninstall --yes --quiet pip setuptools wheel
COPY --from=build /opt/hub /opt/hub

ENV PATH=/opt/hub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HUB_DATA=/var/lib/hub
USER 10001:10001
WORKDIR /var/lib/hub
VOLUME ["/var/lib/hub"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["hub", "health"]
ENTRYPOINT ["hub"]
CMD ["--help"]
