# Periscope as a container: unprivileged, root filesystem read-only, no shell needed to start.
#
#   docker build -t periscope .
#   docker run --read-only -p 4789:4789/udp -p 9789:9789 periscope
#
# BASE_IMAGE is any image with Node 20.19 or newer, glibc or musl; the default is a release with long-term support.
ARG BASE_IMAGE=node:26-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /app
# What changes rarely comes first: dependencies, grammars, the matcher's kernel.
COPY package.json package-lock.json ./
COPY scripts/ scripts/
COPY grammar/ grammar/
COPY src/match/ src/match/
RUN ["node", "scripts/build.mjs", "--generate-only"]
COPY tsconfig.json ./
COPY src/ src/
RUN ["node", "scripts/build.mjs"]
RUN ["npm", "prune", "--omit=dev", "--no-audit", "--no-fund"]

FROM ${BASE_IMAGE} AS runtime
LABEL org.opencontainers.image.title="periscope" \
      org.opencontainers.image.description="Lightweight intrusion detection engine for mirrored cloud traffic" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
COPY LICENSE ./
COPY rules/ rules/
# The rules as the sensor wants them, so that it is ready at once, on a read-only root too. A rule that fails, fails the build.
# Other rules than these, or other variables, are compiled at each start unless they are kept in the same way.
RUN ["node", "dist/main.js", "check", "--rules", "/app/rules", "--cache", "/app/cache"]
ENV PERISCOPE_CACHE_DIRECTORY=/app/cache

# A number, so that Kubernetes can check runAsNonRoot.
USER 65532:65532
EXPOSE 4789/udp 9789/tcp
STOPSIGNAL SIGTERM
# Asks the port of PERISCOPE_ADMIN where that is set; where it is off, run with --no-healthcheck. No curl, no shell.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${/\\d+$/.exec(process.env.PERISCOPE_ADMIN ?? '9789')}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Exec form: Node is process 1 and gets the signals. It opens its debugger for a SIGUSR1 that comes while it boots: at an
# address that no machine has (RFC 5737), it cannot.
ENTRYPOINT ["node", "--inspect-port=192.0.2.1:9229", "/app/dist/main.js"]
CMD ["run", "--rules", "/app/rules"]
