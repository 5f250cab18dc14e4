# Built in one stage and run in another, so that the image holds no compiler and no package caches.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY storage storage
RUN python -m venv /opt/kurzclips \
    && /opt/kurzclips/bin/pip install --no-cache-dir -c constraints.txt ".[matrix,postgres]"

FROM python:3.11-slim-bookworm
ENV PATH=/opt/kurzclips/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KURZCLIPS_DATABASE_URL=sqlite:////data/kurzclips.db
RUN useradd --system --uid 10001 --home-dir /data --create-home kurzclips
COPY --from=build /opt/kurzclips /opt/kurzclips
COPY seeds /opt/kurzclips/lib/python3.11/site-packages/seeds
USER 10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s CMD ["kurzclips", "doctor", "--quick"]
ENTRYPOINT ["kurzclips"]
CMD ["run"]
