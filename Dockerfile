# One image for all processes of docker-compose.yml, which says what each of them runs.
FROM python:3.11-slim AS made
WORKDIR /app
COPY . .
RUN scripts/setup && .venv/bin/python -m compileall -q grader alembic

FROM python:3.11-slim
RUN useradd --uid 10001 --home-dir /var/lib/grader --no-create-home --shell /usr/sbin/nologin grader
# Root's, and read by the service: what it runs cannot be changed by what it runs.
COPY --from=made /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 GRADER_VAR_DIR=/var/lib/grader
USER 10001:10001
CMD ["grader", "serve"]
