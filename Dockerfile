# syntax=docker/dockerfile:1
# One image for every process: `server.ts` (the default), `worker.ts`, `src/migrate.ts`, `src/sandbox/main.ts`.
# For both architectures: docker buildx build --platform linux/amd64,linux/arm64 .
# Temporal's core is built for glibc only, so no Alpine.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages hold the native parts. Of them the image needs neither another Node nor other systems' cores.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && rm -rf node_modules/node-linux-* node_modules/.bin/node \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
       ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM dependencies AS workflows
COPY src ./src
COPY scripts/bundle-workflows.ts ./scripts/
RUN node scripts/bundle-workflows.ts /app/dist/workflows.js

FROM ${NODE_IMAGE}
WORKDIR /app
# The last two bound the memory of a process, as scripts/dev/programs.ts does outside of containers.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    SANDBOX_HOST=0.0.0.0 \
    SANDBOX_DATA=/data \
    WORKFLOW_BUNDLE=/app/dist/workflows.js \
    NODE_OPTIONS=--max-semi-space-size=8 \
    MALLOC_ARENA_MAX=2
# The only place that is written to, and only by the sandbox.
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=workflows /app/dist ./dist
COPY package.json server.ts worker.ts ./
COPY scripts ./scripts
COPY src ./src
USER node
EXPOSE 3000 3001 4010
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1))"]
CMD ["node", "server.ts"]
