# One image for all four processes; compose.yaml says which one a container runs.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE THIRD_PARTY_NOTICES.md ./
COPY protos/gen protos/gen
COPY services services
COPY gateway gateway
COPY cli cli
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 docs-chat && mkdir /data && chown docs-chat /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 LOG_FORMAT=json TZ=UTC
USER docs-chat
WORKDIR /data
VOLUME /data
CMD ["python", "-m", "gateway"]
