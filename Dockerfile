# One image for every part: `tallygate gateway` (the default), `tallygate backend`, `tallygate worker`.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN node node_modules/typescript/bin/tsc \
 && npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && mkdir -p /data

# No shell, no package manager; user 65532.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
ENV NODE_ENV=production \
    DATA_DIR=/data/store \
    JOURNAL_DIR=/data/journal
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/bin/tallygate.js /app/bin/node-version.js ./bin/
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/backend ./backend
COPY --from=build /app/docs ./docs
COPY --from=build /app/dist ./dist
# The journal of a gateway and the embedded store of a backend must outlive the container.
VOLUME /data
EXPOSE 8080 8090 3000 3001
# 65532 is the image's `nonroot`; the number lets Kubernetes check runAsNonRoot.
USER 65532
# For the backend and the worker, give `health backend` or `health worker`.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["/nodejs/bin/node", "/app/bin/tallygate.js", "health", "gateway"]
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/tallygate.js"]
CMD ["gateway"]
