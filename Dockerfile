# Planwright in a container: `planwright` with everything that it needs for EventStoreDB/KurrentDB and NATS.
#
# D1. It runs as the user `node` (1000), never as root, and writes nowhere but below /work and /tmp.
# D2. What the image holds is what the lock file says, the optional clients of the servers included.
# D3. Tool modules lie below /opt/planwright (mount yours at /opt/planwright/tools): there `import "planwright"` and
#     `import "zod"` lead to the packages of the image.
#
# No container engine was at hand where this was written: test/container holds it against the project (what it copies is
# there, what it runs exists), and its commands were run one by one outside of a container. It has not been built.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY .config .config
COPY events events
COPY machines machines
COPY projections projections
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /packages
COPY package-lock.json ./
COPY package.json .config/container/with-peers.cjs /manifest/
# The clients of the servers are optional peers: in an image they are dependencies like others.
RUN cd /manifest && node with-peers.cjs > /packages/package.json
RUN npm install --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/planwright
COPY LICENSE package.json ./
COPY src/cli/planwright.cjs src/cli/planwright.cjs
COPY .config/container/answers.cjs answers.cjs
COPY schemas schemas
COPY examples examples
COPY --from=packages /packages/node_modules node_modules
COPY --from=build /build/dist dist
RUN ln -s /opt/planwright/src/cli/planwright.cjs /usr/local/bin/planwright \
  && install --directory --owner=node --group=node /work
USER node
WORKDIR /work
ENTRYPOINT ["planwright"]
CMD ["--help"]
