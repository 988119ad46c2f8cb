# One image for every part: server, worker, converter, commands. docs/deployment.md says how they fit together.
#   docker build -t deckcast .

FROM node:24-bookworm-slim AS page
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
# Not `npm ci`: it refuses a lock file without the binaries of other systems. What is installed is what the lock says.
RUN npm install --no-save --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /build
RUN python -m venv /opt/deckcast
COPY requirements.lock pyproject.toml hatch_build.py README.md LICENSE ./
COPY samples/deckcast.pptx samples/
COPY src/ src/
COPY --from=page /build/src/deckcast/web_page src/deckcast/web_page
# The versions of requirements.lock, without what only tests and checks need.
RUN test -f src/deckcast/web_page/index.html \
 && sed -nE '/^[A-Za-z0-9]/s/ *\\$//p' requirements.lock >constraints.txt \
 && /opt/deckcast/bin/pip install --no-cache-dir -c constraints.txt '.[llm,telemetry]'

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini libreoffice-impress bubblewrap fontconfig \
    fonts-crosextra-carlito fonts-crosextra-caladea fonts-liberation2 fonts-noto-core fonts-wqy-microhei fonts-symbola \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin deckcast \
 && install -d -o deckcast -g deckcast -m 0700 /data /spool
COPY --from=wheel /opt/deckcast /opt/deckcast
ENV PATH=/opt/deckcast/bin:$PATH DECKCAST_DATA_DIR=/data DECKCAST_LOG_LEVEL=INFO
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["tini", "--", "deckcast"]
CMD ["serve", "--no-worker", "--host", "0.0.0.0"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=5)"]
